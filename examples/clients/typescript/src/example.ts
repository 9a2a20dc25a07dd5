// A client in TypeScript: its types are generated from the schema and the queries beside this file.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type {
  ContactPageQuery,
  ContactPageQueryVariables,
  CountContactsQuery,
  ImportStateQuery,
  ImportStateQueryVariables,
  PurposesQuery,
} from "./types.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const queries = await readFile(here("../src/queries.graphql"), "utf8");

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
const [url, token, purpose] = [variable("GARANT_URL"), variable("GARANT_TOKEN"), variable("GARANT_PURPOSE")];

/** An error of the API: a stable code, and how to mend it. */
class Refused extends Error {
  constructor(message: string, readonly code: string, readonly remedy?: string) {
    super(message);
  }
}

interface Answer<Data> {
  data: Data | null;
  errors?: { message: string; extensions: { code: string; remedy?: string } }[];
}

async function send<Data>(path: string, init: RequestInit, forPurpose?: string): Promise<Data> {
  const headers = new Headers(init.headers);
  headers.set("Authorization", `Bearer ${token}`);
  if (forPurpose) headers.set("Purpose", forPurpose);
  const response = await fetch(url + path, { ...init, method: "POST", headers });
  const answer = (await response.json()) as Answer<Data>;
  const error = answer.errors?.[0];
  if (error) throw new Refused(error.message, error.extensions.code, error.extensions.remedy);
  return answer.data as Data;
}

/** One of the named queries; its types say what goes in and what comes out. */
function ask<Data, Variables = Record<string, never>>(name: string, variables: Variables, forPurpose?: string) {
  const body = JSON.stringify({ query: queries, operationName: name, variables });
  return send<Data>("/graphql", { body, headers: { "Content-Type": "application/json" } }, forPurpose);
}

async function* contacts() {
  let after: string | null = null;
  do {
    const page: ContactPageQuery = await ask<ContactPageQuery, ContactPageQueryVariables>(
      "ContactPage",
      { after },
      purpose,
    );
    yield* page.contacts?.nodes ?? [];
    after = page.contacts?.pageInfo?.hasNextPage ? (page.contacts.pageInfo.endCursor ?? null) : null;
  } while (after);
}

async function runImport(mapping: string, file: string) {
  const form = new FormData();
  form.append("mapping", new Blob([await readFile(here(mapping))]), "mapping.toml");
  form.append("file", new Blob([await readFile(here(file))]), "file.csv");
  const { id } = await send<{ id: string }>("/import", { body: form });
  for (;;) {
    const { importJob } = await ask<ImportStateQuery, ImportStateQueryVariables>("ImportState", { id });
    if (["done", "failed", "cancelled"].includes(importJob?.state ?? "")) return importJob;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const { viewer } = await ask<PurposesQuery>("Purposes", {});
console.log("purposes:", (viewer?.purposes ?? []).map((one) => one?.key).sort().join(", "));
try {
  await ask<CountContactsQuery>("CountContacts", {});
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.log("refused:", error.code);
}
let count = 0;
for await (const _ of contacts()) count += 1;
console.log("contacts:", count);
const done = await runImport("../../companies.toml", "../../companies.csv");
console.log(`imported: ${done?.progress?.read} rows, ${done?.progress?.rejected} rejected`);
