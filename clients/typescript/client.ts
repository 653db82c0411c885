import createClient from "openapi-fetch";
import type { components, paths } from "./schema.gen.js";

export type Customer = components["schemas"]["CustomerResponse"];
export type NewCustomer = components["schemas"]["NewCustomer"];
export type Problem = components["schemas"]["ProblemDocument"];

/** The API at this address, for whoever has this key. */
export function clientOf(baseUrl: string, key: string) {
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
}

type Answer<T> = { data: T; error?: never; response: Response } | { data?: never; error: Problem; response: Response };

/** What was asked for; throws the refusal when there is one. */
export function answered<T>({ data, error, response }: Answer<T>): T {
  if (error !== undefined) throw new Error(`${response.status} ${error.code}: ${error.detail}`);
  return data as T;
}

/** The refusal; throws when there is none. */
export function refused({ error, response }: Answer<unknown>): Problem {
  if (error === undefined) throw new Error(`${response.url} answered ${response.status} and was to refuse`);
  return error;
}
