/** What the command bar finds. Pure matching: every typed word must occur, the earlier the better. */

export interface Command {
  readonly label: string;
  /** Found by it, too, but not shown as the name. */
  readonly about: string;
  readonly keys?: string;
  readonly run: () => void;
}

export function findCommands(commands: readonly Command[], typed: string): readonly Command[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return commands;
  const ranked = commands.flatMap((command) => {
    const text = `${command.label} ${command.about}`.toLowerCase();
    const places = words.map((word) => text.indexOf(word));
    return places.includes(-1) ? [] : [{ command, rank: places.reduce((sum, place) => sum + place, 0) }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ command }) => command);
}
