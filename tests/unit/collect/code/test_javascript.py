"""Lookups in JavaScript and TypeScript."""

from __future__ import annotations

import pytest

from secopskit.collect.code.javascript.lookups import COLLECTOR
from support.collecting import lines, lookups

FORMS = [
    ("process.env.ONE", "ONE"),
    ("globalThis.process?.env?.ONE", "ONE"),
    ('process.env["ONE"]', "ONE"),
    ("process.env['ONE'] || 'two'", "ONE=two"),
    ("Number(process.env.ONE ?? 3000)", "ONE=3000"),
    ("process.env.ONE ?? undefined", "ONE"),
    ("process.env.ONE || fallback()", "ONE="),
    ("process.env.ONE || `a${b}`", "ONE="),
    ("process.env.ONE ||= 'two'", "ONE=two"),
    ("start(process.env.ONE!)", "ONE!"),
    ("(process.env.ONE as string) || 'two'", "ONE=two"),
    ("if (process.env.ONE === 'x') {}", "ONE"),
    ("const url = `http://${process.env.ONE || 'two'}/process.env.NOT`", "ONE=two"),
    ("const { ONE } = process.env;", "ONE"),
    ("const { ONE: one = 'two', ...rest } = process.env;", "ONE=two"),
    ("const { ONE,\n  TWO = 3 } = process.env\n", "ONE TWO=3"),
    ("const env = process.env;\nenv.A_ONE", "A_ONE"),
    ("export function f(env: Env = process.env) { return env.A_ONE }", "A_ONE"),
    ("const env = loadEnv(mode, cwd(), '');\nenv.A_ONE", "A_ONE"),
    ("import { env } from '~/env.mjs';\nenv.A_ONE", "A_ONE"),
    ("import env from '@server/env';\nenv.A_ONE", "A_ONE"),
    ("import { A_ONE, B as C } from '$env/static/private'", "A_ONE B"),
    ("import { A_ONE } from '$env/static/public'", "A_ONE@"),
    ("import.meta.env.VITE_ONE", "VITE_ONE@"),
    ("import.meta.env.PUBLIC_ONE", "PUBLIC_ONE@"),
    ("process.env.NEXT_PUBLIC_ONE", "NEXT_PUBLIC_ONE@"),
    ("process.env.REACT_APP_ONE", "REACT_APP_ONE@"),
    ("Bun.env.ONE", "ONE"),
    ("Deno.env.get('ONE') ?? 'two'", "ONE=two"),
    ("process.env[key]", "*"),
    ("process.env[`PLUGIN_${name}`]", "*PLUGIN_"),
    ("process.env['PLUGIN_' + name]", "*PLUGIN_"),
    ("const KEY = 'A_ONE';\nprocess.env[KEY]", "A_ONE"),
    ("z.object({ A_ONE: z.string() }).parse(process.env)", "A_ONE!"),
    ("z.object({ A_ONE: z.string().optional().default('two') }).parse(process.env)", "A_ONE=two"),
    ("z.object({ A_ONE: z\n    .enum(['a', 'b'])\n    .optional() }).parse(process.env)", "A_ONE"),
    (
        "z.object({\n  A_ONE: sizeSchema,\n  B_TWO:\n    sizeSchema.optional(),\n}).parse(process.env)",
        "A_ONE B_TWO",
    ),
    ("if (!process.env.ONE) throw new Error('x')", "ONE!"),
    ("if (!process.env.ONE || !process.env.TWO) {\n  log('x');\n  process.exit(1);\n}", "ONE! TWO!"),
    ("if (!process.env.ONE) { warn() }\nthrow new Error()", "ONE"),
    ("function f() {\n  if (!process.env.ONE) throw new Error()\n}", "ONE"),
    ("if (!process.env.ONE && x) throw new Error()", "ONE"),
    ("if (!x) { use(process.env.ONE); throw y }", "ONE"),
    ("function f({ A_ONE, B_TWO = 'x' } = process.env) {}", "A_ONE B_TWO=x"),
    ("const f = (a, { A_ONE }: Env = process.env) => A_ONE", "A_ONE"),
    ("createEnv({ server: { A_ONE: z.string().url() }, runtimeEnv: {} })", "A_ONE!"),
    ("cleanEnv(process.env, { A_ONE: port({ default: 3000 }), B_TWO: str() })", "A_ONE=3000 B_TWO!"),
    ("ConfigModule.forRoot({ s: Joi.object({ A_ONE: Joi.string().required() }) })", "A_ONE!"),
    ("constructor(c: ConfigService) { this.configService.get<string>('A_ONE', 'two') }", "A_ONE=two"),
    ("constructor(c: ConfigService) { this.configService.getOrThrow('A_ONE') }", "A_ONE!"),
    ("getEnv('A_ONE', 'two')", "A_ONE=two"),
    ("requireEnv('A_ONE')", "A_ONE!"),
    ("/[\"'`]/.test(x); process.env.ONE", "ONE"),
    ("`a ${ `b ${process.env.ONE}` } c`; process.env.TWO", "ONE TWO"),
    ("<p>Don't</p>\n{process.env.ONE}", "ONE"),
]
LOOK_ALIKES = [
    "// process.env.ONE",
    "/* process.env.ONE\n process.env.TWO */",
    "'process.env.ONE'",
    "`process.env.ONE`",
    "process.env.ONE = 'two'",
    "delete process.env.ONE",
    "env.ONE",
    "config.env.ONE",
    "myprocess.env.ONE",
    "process.env.hasOwnProperty(x)",
    "import.meta.env.MODE",
    "process.envelope.ONE",
    "const env = make(); env.A_ONE",
    "z.object({ A_ONE: z.string() })",
    "spawn('x', { env: { ...process.env, A_ONE: 'two' } })",
    "config.get('A_ONE')",
    "getEnv(name)",
    "new Env('A_ONE')",
    "process.env.npm_package_version",
    "import { env } from './configuration'; env.A_ONE",
]


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[text for text, _ in FORMS])
def test_what_is_a_lookup(text: str, expected: str) -> None:
    assert lookups(COLLECTOR, text, "src/a.ts") == sorted(expected.split(" "))


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_only_looks_like_one(text: str) -> None:
    assert lookups(COLLECTOR, text, "src/a.ts") == []


def test_a_bundler_is_told_what_to_bundle() -> None:
    text = "module.exports = { env: { KEY: process.env.ONE }, port: process.env.TWO }"
    assert lookups(COLLECTOR, text, "next.config.js") == ["ONE@", "TWO"]
    assert lookups(COLLECTOR, text, "src/other.js") == ["ONE", "TWO"]


def test_lines() -> None:
    text = "\n/*\n*/ process.env.ONE\nconst {\n  TWO,\n  THREE } = process.env"
    assert sorted(lines(COLLECTOR, text, "a.js")) == [(3, "ONE"), (5, "TWO"), (6, "THREE")]


def test_what_it_wants() -> None:
    assert COLLECTOR.wants("src/App.vue")
    assert not COLLECTOR.wants("next-env.d.ts")
    assert not COLLECTOR.wants("a.json")


def test_what_nuxt_takes_from_variables() -> None:
    text = "export default defineNuxtConfig({ runtimeConfig: { apiBase: '' } })"
    assert lookups(COLLECTOR, text, "nuxt.config.ts") == ["*NUXT_"]
    assert lookups(COLLECTOR, text, "other.ts") == []
    assert lookups(COLLECTOR, "// runtimeConfig: x", "nuxt.config.ts") == []
