"""Lookups in Go, Ruby, PHP, Java and Kotlin, Rust, C# and Elixir."""

from __future__ import annotations

import pytest

from secopskit.collect.code import csharp, elixir, go, jvm, php, ruby, rust
from secopskit.collect.facts import DynamicLookup, SettingKind, VariableSetting
from secopskit.collect.interface import Collector
from secopskit.findings import Blob
from support.collecting import lookups

GO = [
    ('os.Getenv("ONE")', "ONE"),
    ('v, ok := os.LookupEnv("ONE")', "ONE"),
    ('const key = "A_ONE"\nvar v = os.Getenv(key)', "A_ONE"),
    ("os.Getenv(name)", "*"),
    ('os.Getenv("PLUGIN_" + name)', "*PLUGIN_"),
    ('type C struct {\n A string `env:"ONE,required"`\n}', "ONE!"),
    ('type C struct {\n A string `env:"ONE" envDefault:"two"`\n}', "ONE=two"),
    ('type C struct {\n A string `env:"ONE" env-default:"two"`\n}', "ONE=two"),
    ('type C struct {\n A string `envconfig:"ONE" default:"two" required:"true"`\n}', "ONE=two"),
    ('envconfig.Process("my", &c)\ntype C struct {\n A string `envconfig:"ONE"`\n}', "MY_ONE"),
    (
        'func get(key, other string) string {\n\treturn os.Getenv(key)\n}\n_ = get("A_ONE", "two")',
        "A_ONE=two",
    ),
    ('GetEnvOrDefault("A_ONE", "two")', "A_ONE=two"),
    ('viper.BindEnv("a.b", "A_ONE")', "A_ONE"),
    ('viper.SetEnvPrefix("my")\nviper.AutomaticEnv()', "*MY_"),
    ('&cli.StringFlag{EnvVars: []string{"A_ONE"}}', "A_ONE"),
    ('// os.Getenv("ONE")\n/* os.Getenv("TWO") */', ""),
    ('fmt.Println("os.Getenv(\\"ONE\\")")', ""),
    ('type C struct {\n A string `json:"env"`\n}', ""),
    ('os.Setenv("ONE", "two")', ""),
    ('s := `os.Getenv("ONE")`', ""),
]
RUBY = [
    ('ENV["ONE"]', "ONE"),
    ("ENV['ONE'] || 'two'", "ONE=two"),
    ('ENV["ONE"].presence || "two"', "ONE=two"),
    ('ENV["ONE"] ||= "two"', "ONE=two"),
    ('ENV.fetch("ONE")', "ONE!"),
    ('ENV.fetch("ONE", "two")', "ONE=two"),
    ('ENV.fetch("ONE", nil)', "ONE"),
    ('ENV.fetch("ONE") { 5 }', "ONE=5"),
    ('ENV.fetch("ONE") { raise "no" }', "ONE="),
    ('ENV.key?("ONE")', "ONE"),
    ('"a #{ENV["ONE"]} b"', "ONE"),
    ("ENV[name]", "*"),
    ('ENV["PLUGIN_#{name}"]', "*PLUGIN_"),
    ('::ENV["ONE"]', "ONE"),
    ('# ENV["ONE"]', ""),
    ("'ENV[\"ONE\"]'", ""),
    ('ENV["ONE"] = "two"', ""),
    ('Rack::ENV["ONE"]', ""),
    ('MY_ENV["ONE"]', ""),
]
PHP = [
    ("getenv('ONE');", "ONE"),
    ("getenv('ONE') ?: 'two';", "ONE=two"),
    ("$_ENV['ONE'] ?? 'two';", "ONE=two"),
    ("$_SERVER['APP_ONE'];", "APP_ONE"),
    ("env('ONE', 'two');", "ONE=two"),
    ("env('ONE', false);", "ONE=false"),
    ("env('ONE', null);", "ONE"),
    ("Env::get('ONE', 3);", "ONE=3"),
    ("getenv($name);", "*"),
    ("$a = '%env(resolve:ONE)%';", "ONE!"),
    ("#[Autowire(env: 'ONE')]", "ONE!"),
    ("// env('ONE')\n# env('TWO')\n/* env('THREE') */", ""),
    ("$_SERVER['HTTP_HOST'];", ""),
    ("$this->env('ONE');", ""),
    ("function env('ONE') {}", ""),
    ("$_ENV['ONE'] = 'two';", ""),
    ("env($name);", ""),
]
JVM = [
    ('System.getenv("ONE")', "ONE"),
    ('System.getenv().getOrDefault("ONE", "two")', "ONE=two"),
    ('System.getenv("ONE") ?: "two"', "ONE=two"),
    ('System.getenv("ONE")!!', "ONE!"),
    ("System.getenv(name)", "*"),
    ('@Value("${A_ONE:two}") String a;', "A_ONE=two"),
    ('@Value("${A_ONE}") String a;', "A_ONE!"),
    ('@Value("${app.mail-host}") String a;', "*APP_MAILHOST"),
    ('@ConfigurationProperties(prefix = "app.mail")', "*APP_MAIL_"),
    (
        (
            "private static String get(String key, String other) { return System.getenv(key); }\n"
            'String a = get("A_ONE", "two");'
        ),
        "A_ONE=two",
    ),
    ('val a = sys.env.getOrElse("ONE", "two")', "ONE=two"),
    ('// System.getenv("ONE")', ""),
    ('"System.getenv(ONE)"', ""),
    ('System.getProperty("ONE")', ""),
    ("System.getenv()", ""),
]
RUST = [
    ('env::var("ONE")', "ONE"),
    ('std::env::var("ONE").unwrap()', "ONE!"),
    ('env::var("ONE").expect("no")', "ONE!"),
    ('env::var("ONE")?', "ONE!"),
    ('env::var("ONE").unwrap_or("two".into())', "ONE=two"),
    ('env::var("ONE").unwrap_or_else(|_| "two".to_string())', "ONE=two"),
    ('env::var("ONE").unwrap_or_else(|_| String::from("two"))', "ONE=two"),
    ('env!("ONE")', "ONE!"),
    ('option_env!("ONE")', "ONE"),
    ('#[arg(long, env = "ONE", default_value = "two")]', "ONE=two"),
    ('const KEY: &str = "A_ONE";\nfn f() { env::var(KEY); }', "A_ONE"),
    ('fn get(key: &str) -> String { env::var(key).unwrap() }\nlet a = get("A_ONE");', "A_ONE"),
    ("fn f<'a>(x: &'a str) { env::var(\"ONE\") }", "ONE"),
    ('// env::var("ONE")', ""),
    ('let a = "env::var(ONE)";', ""),
    ('env!("CARGO_PKG_VERSION")', ""),
    ('env::set_var("ONE", "two")', ""),
]
CSHARP = [
    ('Environment.GetEnvironmentVariable("ONE");', "ONE"),
    ('Environment.GetEnvironmentVariable("ONE") ?? "two";', "ONE=two"),
    ('Environment.GetEnvironmentVariable("ONE") ?? throw new X();', "ONE!"),
    ('Environment.GetEnvironmentVariable("ONE")!;', "ONE!"),
    ("Environment.GetEnvironmentVariable(name);", "*"),
    ('builder.AddEnvironmentVariables("MY_");', "*MY_"),
    ("var builder = WebApplication.CreateBuilder(args);", "*"),
    ('// Environment.GetEnvironmentVariable("ONE");', ""),
    ('Environment.SetEnvironmentVariable("ONE", "two");', ""),
]
ELIXIR = [
    ('System.get_env("ONE")', "ONE"),
    ('System.get_env("ONE", "two")', "ONE=two"),
    ('System.get_env("ONE") || "two"', "ONE=two"),
    ('System.get_env("ONE") || raise "no"', "ONE!"),
    ('System.fetch_env!("ONE")', "ONE!"),
    ("System.get_env(name)", "*"),
    ('get_var_from_path_or_env(config_dir, "A_ONE", "two")', "A_ONE=two"),
    ('# System.get_env("ONE")', ""),
    ('"System.get_env(ONE)"', ""),
    ('System.put_env("ONE", "two")', ""),
]
TABLES = (
    (go.COLLECTOR, "a.go", GO),
    (ruby.COLLECTOR, "a.rb", RUBY),
    (php.COLLECTOR, "a.php", PHP),
    (jvm.COLLECTOR, "A.kt", JVM),
    (rust.COLLECTOR, "a.rs", RUST),
    (csharp.COLLECTOR, "A.cs", CSHARP),
    (elixir.COLLECTOR, "a.exs", ELIXIR),
)
CASES = [(collector, path, *form) for collector, path, forms in TABLES for form in forms]


@pytest.mark.parametrize(("collector", "path", "text", "expected"), CASES, ids=[case[2] for case in CASES])
def test_what_is_a_lookup(collector: Collector, path: str, text: str, expected: str) -> None:
    assert collector.wants(path)
    assert lookups(collector, text, path) == sorted(expected.split())


def test_ruby_in_yaml() -> None:
    text = 'pool: <%= ENV.fetch("ONE") { 5 } %>\n# old: <%= ENV["TWO"] %>\n'
    assert lookups(ruby.COLLECTOR, text, "config/database.yml") == ["ONE=5"]
    assert lookups(ruby.COLLECTOR, 'note: ENV["ONE"]\n', "config/a.yml") == []


def test_symfony_in_yaml() -> None:
    text = "a: '%env(int:ONE)%'\nb: '%env(default::TWO)%'\nc: env('THREE')\n"
    assert lookups(php.COLLECTOR, text, "config/services.yaml") == ["ONE!", "TWO"]


def test_settings_of_spring() -> None:
    text = "spring:\n  datasource:\n    url: ${ONE:jdbc:x}\n    key: ${TWO}\n# ${THREE}\nmy-app:\n  a: 1\n"
    path = "src/main/resources/application-prod.yml"
    assert jvm.COLLECTOR.wants(path)
    assert lookups(jvm.COLLECTOR, text, path) == ["*MYAPP_", "*SPRING_", "ONE=jdbc:x", "TWO!"]


def test_what_ruby_presets_is_a_default_that_the_program_gives_itself() -> None:
    found = list(ruby.COLLECTOR.collect(Blob("a.rb", b'ENV["ONE"] ||= "two"\n')))
    assert [each.kind for each in found if isinstance(each, VariableSetting)] == [SettingKind.PROGRAM]
    assert lookups(ruby.COLLECTOR, 'ENV["ONE"] ||= "two"\n', "a.rb") == ["ONE=two"]


def test_properties_of_spring_are_no_lookups_of_computed_names() -> None:
    text = b'class A {\n  @Value("${a.some-key}") String x;\n  String y = System.getenv(name);\n}\n'
    found = [each for each in jvm.COLLECTOR.collect(Blob("A.java", text)) if isinstance(each, DynamicLookup)]
    assert [(each.prefix, each.relaxed) for each in found] == [("", False), ("A_SOMEKEY", True)]
