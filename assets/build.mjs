// Builds what a browser loads: one script, one style sheet, one font, one icon sprite and the mark, each with its hash in
// its name, and manifest.json, which tells the templates what "app.css" is called today.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}app/core/static/build/`;
const manifest = {};

async function writeHashed(name, text) {
  const [stem, extension] = name.split(".");
  manifest[name] = `${stem}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}.${extension}`;
  await writeFile(out + manifest[name], text);
}

async function symbol(name) {
  const file = `${root}node_modules/lucide-static/icons/${name}.svg`;
  const svg = await readFile(file, "utf8").catch(() => {
    throw new Error(`assets/icons.txt names "${name}", and lucide has no icon of that name.`);
  });
  const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [{ in: "assets/js/app.js", out: "app" }, { in: "assets/css/app.css", out: "app" }],
  outdir: out, entryNames: "[name]-[hash]", assetNames: "inter-[hash]", loader: { ".woff2": "file" },
  bundle: true, minify: true, metafile: true, format: "esm", charset: "utf8", legalComments: "none",
  target: ["chrome123", "firefox121", "safari17.5"],
});
for (const path of Object.keys(metafile.outputs)) {
  const file = basename(path);
  manifest[file.replace(/-[A-Z0-9]{8}\./, ".")] = file;
}

const names = (await readFile(`${root}assets/icons.txt`, "utf8")).split("\n").filter(Boolean);
const symbols = await Promise.all(names.map(symbol));
await writeHashed("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
await writeHashed("mark.svg", await readFile(`${root}assets/mark.svg`, "utf8"));
await writeFile(`${out}manifest.json`, JSON.stringify(manifest, null, 2) + "\n");
