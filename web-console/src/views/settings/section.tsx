import type { ComponentChildren } from "preact";

interface Props {
  readonly id: string;
  readonly title: string;
  readonly says?: string;
  readonly children: ComponentChildren;
}

export function Section({ id, title, says, children }: Props) {
  return (
    <section class="section" id={id} tabIndex={-1} aria-labelledby={`${id}-title`}>
      <div class="section-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {says !== undefined && <p class="quiet">{says}</p>}
      </div>
      <div class="section-body">{children}</div>
    </section>
  );
}
