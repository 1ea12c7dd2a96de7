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
  <path d="M3 11.500 5.200 4.700A1 1 0 0 1 6.150 4h7.700a1 1 0 0 1 .95.7L17 11.500v3.500a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zm0 0h3.700l1.300 2h4l1.300-2H17" />,
);
export const KnowledgeIcon = icon(
  <path d="M10 5.500C8.500 4.300 6.300 4 3.500 4v11c2.800 0 5 .3 6.500 1.500 1.500-1.200 3.700-1.500 6.500-1.500V4c-2.800 0-5 .3-6.500 1.500zm0 0v11" />,
);
export const SettingsIcon = icon(
  <path d="M3.500 6h6m4 0h3m-13 8h3m4 0h6M9.500 6a2 2 0 1 0 4 0 2 2 0 1 0-4 0zm-3 8a2 2 0 1 0 4 0 2 2 0 1 0-4 0z" />,
);
export const BellIcon = icon(
  <path d="M5 8.500a5 5 0 0 1 10 0c0 3.500 1.500 4.500 1.500 5.500h-13c0-1 1.500-2 1.500-5.500zM8.300 16.500a1.800 1.800 0 0 0 3.400 0" />,
);
export const BackIcon = icon(<path d="M12 4.500 6.500 10l5.500 5.500" />);
export const ForwardIcon = icon(<path d="M8 4.500 13.500 10 8 15.500" />);
export const CloseIcon = icon(<path d="m5 5 10 10M15 5 5 15" />);
export const CheckIcon = icon(<path d="m4 10.500 4 4 8-9" />);
export const MoreIcon = icon(<path d="M4.500 10h.01M10 10h.01M15.500 10h.01" stroke-width="2.600" />);
export const PanelIcon = icon(<path d="M4 4h12a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm8 0v12" />);
export const FilterIcon = icon(<path d="M3.500 5.500h13M6 10h8m-5 4.500h2" />);
export const NoteIcon = icon(<path d="M4 4h12v8l-4 4H4zm12 8h-4v4M7 8h6M7 11h3" />);
export const SendIcon = icon(<path d="M10 16V4.500M5 9l5-4.500L15 9" />);
export const PlusIcon = icon(<path d="M10 4v12M4 10h12" />);
export const TrashIcon = icon(<path d="M4 6h12M8 6V4h4v2m-6.500 0 .7 10h7.600l.7-10" />);
export const FileIcon = icon(<path d="M5 3h6.500L15 6.500V17H5zm6 0v4h4" />);
export const UploadIcon = icon(<path d="M10 13V4M6 7.500 10 4l4 3.500M4 14v2.500h12V14" />);
export const ExternalIcon = icon(<path d="M8 5H5v10h10v-3M11 4h5v5m0-5-7 7" />);
export const MailIcon = icon(<path d="M3 5h14v10H3zm0 .5 7 5.500 7-5.500" />);
export const AiIcon = icon(<path d="M10 3.500c.6 3.900 2.600 5.900 6.500 6.500-3.900.6-5.900 2.600-6.500 6.500-.6-3.900-2.600-5.900-6.500-6.500 3.900-.6 5.900-2.600 6.500-6.500z" />);
export const PersonIcon = icon(<path d="M7 7a3 3 0 1 0 6 0 3 3 0 1 0-6 0zm-3 9.500c.5-3 2.800-4.500 6-4.500s5.500 1.500 6 4.500" />);
export const WarnIcon = icon(<path d="M10 3.500 17.500 16h-15zM10 8.500v3.500m0 2v.01" />);
export const ChevronIcon = icon(<path d="m6 8 4 4 4-4" />);

/** The mark of Baton: a stick that is passed on. */
export const BatonMark: Icon = ({ size = 32 }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" class="mark-ground" />
    <path d="M8.500 19.500 19.500 8.500a2.800 2.800 0 0 1 4 4l-11 11a2.800 2.800 0 0 1-4-4zm3-3 4 4" class="mark-stick" />
  </svg>
);
