// Builds the islands and the one style sheet into static/, with a manifest that api/web/rendering.py reads.
// Nothing is inlined: the content security policy allows neither inline scripts and styles nor data: fonts.
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/",
  plugins: [tailwindcss()],
  build: {
    outDir: "static",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      checks: { eval: false }, // htmx holds an eval that its allowEval=false never reaches, and the policy forbids
      input: ["islands/desk.ts", "islands/duty.ts", "islands/floor.ts", "islands/player.ts", "islands/wall.ts"],
    },
  },
});
