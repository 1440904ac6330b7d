// Short builders for the schemas of an OpenAPI 3.1 document (O7; JSON Schema 2020-12).

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** A schema under components/schemas. */
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

export const text = (description?: string, more: Schema = {}): Schema => ({
  type: 'string',
  ...about(description),
  ...more,
});

/** ISO 8601 in UTC, to the millisecond. */
export const instant = (description?: string): Schema => text(description, { format: 'date-time' });

export const whole = (description?: string, more: Schema = {}): Schema => ({
  type: 'integer',
  ...about(description),
  ...more,
});

export const decimal = (description?: string): Schema => ({ type: 'number', ...about(description) });

export const flag = (description?: string): Schema => ({ type: 'boolean', ...about(description) });

export const choice = (values: readonly string[], description?: string): Schema => text(description, { enum: values });

export const listOf = (items: Schema, description?: string): Schema => ({
  type: 'array',
  items,
  ...about(description),
});

/** An object whose keys are data. */
export const mapOf = (values: Schema, description?: string): Schema => ({
  type: 'object',
  additionalProperties: values,
  ...about(description),
});

/** An object with fields that are always there and fields that may be absent. */
export const object = (
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({
  type: 'object',
  ...(Object.keys(required).length === 0 ? {} : { required: Object.keys(required) }),
  properties: { ...required, ...optional },
});

/** A page of a list; `next` is the `after` of the page that follows, absent on the last. */
export const page = (items: Schema, more: Readonly<Record<string, Schema>> = {}): Schema =>
  object({ items: listOf(items), ...more }, { next: text('Cursor of the next page: its `after`. Absent on the last') });

function about(description: string | undefined): Schema {
  return description === undefined ? {} : { description };
}
