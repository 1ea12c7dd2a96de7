/** Says whether `value` is a `T`. */
export type Guard<T> = (value: unknown) => value is T;

/** One guard per field of `T`: a field that the type gains or loses stops the compilation. */
export type Shape<T> = { [K in keyof Required<T>]: Guard<T[K]> };

/** For a union told apart by `Tag`: the fields of each member, and no member left out. */
export type Variants<T extends { [K in Tag]: string }, Tag extends string> = {
  [Name in T[Tag]]: Shape<Omit<Extract<T, { [K in Tag]: Name }>, Tag>>;
};

export const text: Guard<string> = (value): value is string => typeof value === "string";
export const flag: Guard<boolean> = (value): value is boolean => typeof value === "boolean";
/** The wire has whole numbers only, and none that a double can't hold. */
export const whole: Guard<number> = (value): value is number => Number.isSafeInteger(value);

export function nullable<T>(guard: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || guard(value);
}

export function list<T>(guard: Guard<T>): Guard<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every(guard);
}

/** `names` has a key for each text that `T` may be. */
export function oneOf<T extends string>(names: Record<T, true>): Guard<T> {
  return (value): value is T => text(value) && Object.hasOwn(names, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fits(value: Record<string, unknown>, shape: Record<string, Guard<unknown>>): boolean {
  const names = Object.keys(shape);
  const noOthers = Object.keys(value).length === names.length;
  return noOthers && names.every((name) => Object.hasOwn(value, name) && shape[name]?.(value[name]) === true);
}

/** Exactly the fields of `shape`, none missing and none more. */
export function record<T>(shape: Shape<T>): Guard<T> {
  return (value): value is T => isRecord(value) && fits(value, shape as Record<string, Guard<unknown>>);
}

export function tagged<T extends { [K in Tag]: string }, Tag extends string>(
  tag: Tag,
  variants: Variants<T, Tag>,
): Guard<T> {
  return (value): value is T => {
    if (!isRecord(value)) return false;
    const { [tag]: name, ...fields } = value;
    if (!text(name) || !Object.hasOwn(variants, name)) return false;
    return fits(fields, (variants as Record<string, Record<string, Guard<unknown>>>)[name] ?? {});
  };
}
