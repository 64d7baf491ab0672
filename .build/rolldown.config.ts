import { readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig, type Plugin, type RolldownOptions } from 'rolldown';
import { replacePlugin } from 'rolldown/plugins';
import { licensesOf, packagesOf } from './bundled-packages.ts';
import { sbomOf, serialize } from './sbom.ts';

/** Smaller, with the names of functions: they are in the trace of an internal error. */
const readable = { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } };

const hiddenRequires = ["require('crypto')", "require('buffer').Buffer"];

/** The program with the packages it uses, as a few files that need no node_modules. */
const program: RolldownOptions = {
  input: 'src/main.ts',
  platform: 'node',
  // koffi is native code, and optional. node-fetch is only imported where there is no global fetch: never. pg-native
  // and pg-cloudflare are only loaded where somebody asks for them: never.
  external: ['koffi', 'node-fetch', 'pg-native', 'pg-cloudflare'],
  plugins: [
    // The hash packages below digest-fetch hide these from bundlers, in an eval that has no require in an ES module.
    replacePlugin(
      Object.fromEntries(hiddenRequires.map((expression) => [`eval("${expression}")`, expression])),
      { delimiters: ['', ''] },
    ),
    undiciForRequests(),
    builtinsByNeed(),
    inLatin1(),
    besideTheProgram(),
    packagesInside(),
  ],
  output: { dir: 'dist', cleanDir: true, chunkFileNames: '[name].js', comments: false, minify: readable },
};

/** The status page. All its files but the document are named after their content, so that browsers can keep them. */
const page: RolldownOptions = {
  input: { page: 'src/page/main.tsx', worker: 'src/page/worker.ts' },
  platform: 'browser',
  plugins: [pageDocument(), packagesInside()],
  output: {
    dir: 'dist/page',
    minify: true,
    comments: false,
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    assetFileNames: '[name]-[hash][extname]',
  },
};

/** The folders of the packages in what is built, over all bundles. */
const folders = new Set<string>();

export default defineConfig([program, page]);

/** Writes the document of the page with the names that its files have got. */
function pageDocument(): Plugin {
  return {
    name: 'page-document',
    generateBundle(_options, bundle) {
      const emit = (name: string, source: string): string =>
        this.getFileName(this.emitFile({ type: 'asset', name, source }));
      const entry = (name: string): string =>
        Object.values(bundle).find((file) => file.type === 'chunk' && file.isEntry && file.name === name)
          ?.fileName ?? '';
      const names = {
        script: entry('page'),
        worker: entry('worker'),
        shared:
          Object.values(bundle).find((file) => file.type === 'chunk' && !file.isDynamicEntry && !file.isEntry)
            ?.fileName ?? '',
        style: emit('page.css', readStyles('src/page/styles/page.css')),
        ...Object.fromEntries(
          ['alarm', 'ready', 'warning', 'calm', 'done'].map((tone) => [
            tone,
            emit(`${tone}.svg`, readText(`src/page/icons/${tone}.svg`)),
          ]),
        ),
      };
      const source = Object.entries(names).reduce(
        (text, [name, fileName]) => text.replaceAll(`{${name}}`, `assets/${fileName}`),
        readText('src/page/index.html'),
      );
      this.emitFile({ type: 'asset', fileName: 'index.html', source });
    },
  };
}

/** Modules of undici that a client of plain HTTP/1.1 requests, also through an HTTP proxy, never uses. */
const unusedOfUndici = new RegExp(
  `require\\('\\./(?:${[
    "lib/(?:cache|interceptor|mock|web)/[^']*",
    'lib/dispatcher/(?:balanced-pool|round-robin-pool|dispatcher1-wrapper|socks5-proxy-agent|retry-agent|h2c-client)',
    'lib/handler/(?:retry|decorator|redirect)-handler',
    '(?:socks5-proxy-agent|client-h2\\.js)',
  ].join('|')})'\\)`,
  'g',
);

/** Leaves them out: they take longer to load, and more memory, than the rest of the program. The second parser is not used either. */
function undiciForRequests(): Plugin {
  return {
    name: 'undici-for-requests',
    transform: {
      filter: { id: /\/undici\/(?:index|lib\/dispatcher\/(?:client|client-h1|proxy-agent))\.js$/ },
      handler: (code) =>
        code
          .replaceAll(unusedOfUndici, '{ CacheStorage: class {} }')
          .replaceAll("typeof esbuildDetection === 'undefined'", 'false'),
    },
  };
}

/** Writes characters beyond Latin-1 as escapes: V8 keeps a source with one of them in two bytes a character. */
function inLatin1(): Plugin {
  return {
    name: 'in-latin1',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'chunk')
          file.code = file.code.replaceAll(
            /[\u0100-\uffff]/g,
            (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
          );
    },
  };
}

/**
 * Takes Node.js's own modules without `import`, which reads every export there is: of node:http that loads Node's own
 * fetch and web sockets, and takes ten times as long as the module itself.
 */
function builtinsByNeed(): Plugin {
  return {
    name: 'builtins-by-need',
    renderChunk: (code) =>
      code.replaceAll(
        /^import (?:(?:\* as )?([\w$]+)(?:, | ))?(?:(\{.+\}) )?from "(.+)";$/gm,
        (statement, whole: string | undefined, named: string | undefined, id: string) => {
          if (!isBuiltin(id)) return statement;
          const names = [whole, named?.replaceAll(' as ', ': ')].filter((name) => name !== undefined);
          return names
            .map((name) => `const ${name} = globalThis.process.getBuiltinModule("${id}");`)
            .join('\n');
        },
      ),
  };
}

/** Writes what makes the folder one that can be copied: the kind of its modules. */
function besideTheProgram(): Plugin {
  return {
    name: 'beside-the-program',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "module" }\n' });
    },
  };
}

/** Writes the licenses of the packages in a bundle, and an SBOM of those in this one and all before it. */
function packagesInside(): Plugin {
  return {
    name: 'packages-inside',
    generateBundle(_options, bundle) {
      const inside = packagesOf(bundle);
      for (const folder of inside) folders.add(folder);
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENSES.txt', source: licensesOf(inside) });
    },
    writeBundle() {
      writeFileSync('dist/sbom.cdx.json', serialize(sbomOf([...folders])));
    },
  };
}

/** Returns a style sheet with those that it imports in the place of the imports. */
function readStyles(path: string): string {
  return readText(path).replaceAll(/^@import "(.+)";$/gm, (_statement, from: string) =>
    readStyles(from.startsWith('.') ? join(dirname(path), from) : join('node_modules', from)),
  );
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
