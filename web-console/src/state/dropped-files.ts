/** What was dropped on a page: files, and the files of folders, each with the path that it had below them. */

export interface DroppedFile {
  readonly name: string;
  readonly file: File;
}

/** Must be called while the drop is being handled: afterwards the browser has let go of it. */
export async function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ name: file.name, file }));
  const found: DroppedFile[] = [];
  for (const entry of entries) {
    // The dropped folder's own name says nothing that the chatbot's does not.
    if (isFolder(entry)) await readFolder(entry, "", found);
    else if (isFile(entry)) found.push({ name: entry.name, file: await fileOf(entry) });
  }
  return found;
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

async function readFolder(folder: FileSystemDirectoryEntry, path: string, found: DroppedFile[]): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // A reader gives some of the entries at a time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const entry of entries.filter(({ name }) => !name.startsWith("."))) {
      const name = `${path}${entry.name}`;
      if (isFolder(entry)) await readFolder(entry, `${name}/`, found);
      else if (isFile(entry)) found.push({ name, file: await fileOf(entry) });
    }
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));
