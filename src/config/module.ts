import { readFileSync, realpathSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, extname } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { UsageError } from "../errors.ts";
import { codeError } from "./code-error.ts";

/** Marks the modules of one load, so that a reload gets fresh ones. */
const mark = "sync-agent-load";
let loads = 0;

/**
 * Runs a configuration file that is code and gives its default export.
 *
 * A `.ts` or `.mts` file is a module whatever package.json says; types are erased, nothing is written.
 * A `.js` file is CommonJS if it can be, else a module. Each call reads the files again, those it imports
 * from beside it included (packages excluded).
 *
 * @param path Absolute path.
 * @throws {UsageError} With `path:line:column` where the code is wrong or throws.
 */
export async function loadModule(path: string): Promise<unknown> {
  loads++;
  const real = realPath(path);
  const hooks = nodeModule.registerHooks?.({ resolve: resolveFresh });
  try {
    const commonJs = extname(path) === ".js" ? compileCommonJs(path) : null;
    if (commonJs !== null) return commonJs();
    const url = `${pathToFileURL(real).href}?${mark}=${loads}`;
    const module = await importAnywhere(url);
    return "default" in module ? module["default"] : noDefault(Object.keys(module), path);
  } catch (error) {
    throw codeError(error, path, import.meta.url, real);
  } finally {
    hooks?.deregister();
  }
}

/**
 * The file itself. Node remembers for ever where a link led when it imported through it, and a ConfigMap's
 * leads elsewhere with each version.
 */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Node's own resolution, except that files of this load are fresh, and modules without asking package.json. */
const resolveFresh: nodeModule.ResolveHookSync = (specifier, context, next) => {
  const resolved = next(specifier, context);
  const parent = context.parentURL ?? "";
  const ours = resolved.url.includes(`?${mark}=`);
  const besideOurs = parent.includes(`?${mark}=`) && isOwnFile(resolved.url);
  if (!ours && !besideOurs) return resolved;
  const url = new URL(resolved.url);
  if (!ours) url.search = new URL(parent).search;
  const format = formatOf(url.pathname, ours);
  return { ...resolved, url: url.href, ...(format && { format }) };
};

const isOwnFile = (url: string): boolean => url.startsWith("file:") && !url.includes("/node_modules/");

function formatOf(pathname: string, isConfig: boolean): string | null {
  const extension = extname(pathname);
  if (extension === ".ts" || extension === ".mts") return "module-typescript";
  return isConfig ? "module" : null;
}

/** Node's single executable resolves `import()` among its own parts only; the main context does not. */
async function importAnywhere(url: string): Promise<Record<string, unknown>> {
  try {
    return await import(url);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_UNKNOWN_BUILTIN_MODULE") throw error;
    const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    return new vm.Script("(url) => import(url)", { importModuleDynamically }).runInThisContext()(url);
  }
}

/** Null for a file that is no CommonJS: `import` and `export` do not parse there. */
function compileCommonJs(path: string): (() => unknown) | null {
  const parameters = ["exports", "require", "module", "__filename", "__dirname"];
  let run: (...values: unknown[]) => void;
  try {
    run = vm.compileFunction(readFileSync(path, "utf8"), parameters, { filename: path }) as typeof run;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return () => {
    const module: { exports: unknown } = { exports: {} };
    run.call(module.exports, module.exports, nodeModule.createRequire(path), module, path, dirname(path));
    const { exports } = module;
    if (typeof exports !== "object" || exports === null) return exports;
    if ("__esModule" in exports && "default" in exports) return exports.default;
    return Object.keys(exports).length === 0 ? noDefault([], path) : exports;
  };
}

function noDefault(exported: readonly string[], path: string): never {
  throw new UsageError((words) => words.noDefault(path, exported));
}
