/** The AI reads what was added or changed; it goes on answering from the rest. */
export function Reading({ percent }: { readonly percent: number }) {
  return (
    <div class="reading">
      <label for="reading">The AI is reading. Until it is done it answers from what it knew before.</label>
      <progress id="reading" max={100} value={percent} />
      <span class="figure">{percent} %</span>
    </div>
  );
}
