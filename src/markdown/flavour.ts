/** The renderer of a flavour, loaded when it is first needed. */
import { commonmark } from "./commonmark.ts";
import { prepareFor } from "./raw-html.ts";
import type { Flavour, Renderer } from "./renderer.ts";

/** Renderers that were made in this thread. */
const made = new Map<string, Promise<Renderer>>();

/** The renderer that has everything the flavour asks for, ready for this body. */
export async function rendererOf({ markdown, math, containers }: Flavour, body: string): Promise<Renderer> {
  await prepareFor(body);
  if (markdown === "commonmark" && !math && !containers) return commonmark;
  const key = [markdown, math, containers].join();
  const known = made.get(key) ?? load({ markdown, math, containers });
  made.set(key, known);
  return known;
}

async function load(flavour: Flavour): Promise<Renderer> {
  const { createGfm } = await import("./gfm/gfm.ts");
  return createGfm(flavour);
}
