/** Line icons on a 20-unit grid. Always decoration: the control that holds one carries the words. */

import type { ComponentChildren, JSX } from "preact";

export type Icon = (props: { readonly size?: number }) => JSX.Element;

const icon =
  (children: ComponentChildren): Icon =>
  ({ size = 20 }) => (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );

export const InboxIcon = icon(
  <path d="M3 11.5 5.2 4.7A1 1 0 0 1 6.15 4h7.7a1 1 0 0 1 .95.7L17 11.5v3.5a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zm0 0h3.7l1.3 2h4l1.3-2H17" />,
);
export const KnowledgeIcon = icon(
  <path d="M10 5.5C8.5 4.3 6.3 4 3.5 4v11c2.8 0 5 .3 6.5 1.5 1.5-1.2 3.7-1.5 6.5-1.5V4c-2.8 0-5 .3-6.5 1.5zm0 0v11" />,
);
export const SettingsIcon = icon(
  <path d="M3.5 6h6m4 0h3m-13 8h3m4 0h6M9.5 6a2 2 0 1 0 4 0 2 2 0 1 0-4 0zm-3 8a2 2 0 1 0 4 0 2 2 0 1 0-4 0z" />,
);
export const BellIcon = icon(
  <path d="M5 8.5a5 5 0 0 1 10 0c0 3.5 1.5 4.5 1.5 5.5h-13c0-1 1.5-2 1.5-5.5zM8.3 16.5a1.8 1.8 0 0 0 3.4 0" />,
);
export const BackIcon = icon(<path d="M12 4.5 6.5 10l5.5 5.5" />);
export const CloseIcon = icon(<path d="m5 5 10 10M15 5 5 15" />);
export const MoreIcon = icon(<path d="M4.5 10h.01M10 10h.01M15.5 10h.01" stroke-width="2.6" />);
export const PanelIcon = icon(
  <path d="M4 4h12a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm8 0v12" />,
);
export const FilterIcon = icon(<path d="M3.5 5.5h13M6 10h8m-5 4.5h2" />);
export const NoteIcon = icon(<path d="M4 4h12v8l-4 4H4zm12 8h-4v4M7 8h6M7 11h3" />);
export const HintIcon = icon(
  <path d="M7.5 14.5h5M8.5 17h3M10 3a5 5 0 0 0-3 9c.6.5 1 1.3 1 2.5h4c0-1.2.4-2 1-2.5a5 5 0 0 0-3-9z" />,
);
export const SendIcon = icon(<path d="M10 16V4.5M5 9l5-4.5L15 9" />);
export const PlusIcon = icon(<path d="M10 4v12M4 10h12" />);
export const TrashIcon = icon(<path d="M4 6h12M8 6V4h4v2m-6.5 0 .7 10h7.6l.7-10" />);
export const FileIcon = icon(<path d="M5 3h6.5L15 6.5V17H5zm6 0v4h4" />);
export const UploadIcon = icon(<path d="M10 13V4M6 7.5 10 4l4 3.5M4 14v2.5h12V14" />);
export const ExternalIcon = icon(<path d="M8 5H5v10h10v-3M11 4h5v5m0-5-7 7" />);
export const MailIcon = icon(<path d="M3 5h14v10H3zm0 .5 7 5.5 7-5.5" />);
export const AiIcon = icon(
  <path d="M10 3.5c.6 3.9 2.6 5.9 6.5 6.5-3.9.6-5.9 2.6-6.5 6.5-.6-3.9-2.6-5.9-6.5-6.5 3.9-.6 5.9-2.6 6.5-6.5z" />,
);
export const PersonIcon = icon(<path d="M7 7a3 3 0 1 0 6 0 3 3 0 1 0-6 0zm-3 9.5c.5-3 2.8-4.5 6-4.5s5.5 1.5 6 4.5" />);
export const WarnIcon = icon(<path d="M10 3.5 17.5 16h-15zM10 8.5v3.5m0 2v.01" />);
export const ChatIcon = icon(
  <path d="M4 4.5h12a1 1 0 0 1 1 1v7.5a1 1 0 0 1-1 1H9l-4 3v-3H4a1 1 0 0 1-1-1V5.5a1 1 0 0 1 1-1z" />,
);

/** The mark of Baton: a stick that is passed on. */
export const BatonMark: Icon = ({ size = 32 }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" class="mark-ground" />
    <path d="M8.5 19.5 19.5 8.5a2.8 2.8 0 0 1 4 4l-11 11a2.8 2.8 0 0 1-4-4zm3-3 4 4" class="mark-stick" />
  </svg>
);
