package cli_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// flagLine finds a flag of a help, and the kind of its value, if it has one.
var flagLine = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([\w-]+)(?: (int|uint|float|duration|age|string)\b)?`)

// Every command says about an argument or a value that it cannot use what was found and
// what is wanted, in flowtest's own words, and ends with 2.
func TestEveryCommandSaysWhatItWants(t *testing.T) {
	t.Parallel()
	const all = "Available Commands:\n"
	help := command(t.Context(), t.TempDir(), nil, "--help").out
	help = help[strings.Index(help, all)+len(all):]
	commands := regexp.MustCompile(`(?m)^  (\w+) `).FindAllStringSubmatch(help[:strings.Index(help, "\nFlags:")], -1)
	require.Greater(t, len(commands), 15)
	checked := 0
	refuses := func(want string, args ...string) {
		checked++
		got := command(t.Context(), t.TempDir(), nil, args...)
		assert.Equal(t, cli.ExitUsage, got.code, "%v: %s", args, got.errors)
		assert.Empty(t, got.out, "%v", args)
		assert.Regexp(t, `^flowtest: error: `+want, got.errors, "%v", args)
		assert.Contains(t, got.errors, "--help shows what there is", "%v", args)
		assert.NotRegexp(t, `arg\(s\)|invalid argument|strconv|time: |parsing|needs an argument`, got.errors, "%v", args)
	}
	for _, c := range commands {
		name := c[1]
		refuses(`unknown flag: --zzz\n`, name, "--zzz")
		for _, flag := range flagLine.FindAllStringSubmatch(command(t.Context(), t.TempDir(), nil, name, "--help").out, -1) {
			switch kind := flag[2]; {
			case flag[1] == "random" || flag[1] == "sdks" || kind == "" && name == "completion":
			case kind != "" && kind != "string" || flag[1] == "format":
				refuses(`--`+flag[1]+` "zzz", want `, name, "--"+flag[1], "zzz")
				refuses(`--`+flag[1]+` has no value, want one: `, name, "--"+flag[1])
			case kind == "string":
				refuses(`--`+flag[1]+` has no value, want one: `, name, "--"+flag[1])
			}
		}
	}
	for line, want := range map[string]string{
		"coverage report":        `coverage: found 1 argument, want flowtest coverage REPORT\|RECORDING FLOW\.json\|RECORDING\n`,
		"describe":               `describe: found 0 arguments, want flowtest describe FLOW\.json\n`,
		"diff a":                 `diff: found 1 argument, want flowtest diff OLD NEW \| `,
		"diff a b --against c":   `diff: found 2 arguments, want flowtest diff OLD NEW \| diff RECORDING --against LIVE`,
		"import a b":             `import: found 2 arguments, want flowtest import FILE\.har \| import FLOW\.json\n`,
		"init a b":               `init: found 2 arguments, want flowtest init \[DIR\]\n`,
		"report":                 `report: found 0 arguments, want flowtest report DIR…\n`,
		"scaffold":               `scaffold: found 0 arguments, want flowtest scaffold FLOW\.json \| scaffold RECORDING\n`,
		"schema":                 `schema: found 0 arguments, want flowtest schema NAME\n`,
		"doctor x":               `doctor: found the argument "x", want none\n`,
		"users --clean x":        `users: found the argument "x", want none\n`,
		"completion x":           `unknown command "x" for "flowtest completion"\n`,
		"run --retries=x":        `--retries "x", want a whole number, as in 2\n`,
		"run --rate=-1":          `--rate "-1", want more than 0 requests a second, as in 10\n`,
		"users --older-than=1":   `--older-than "1", want a time with its unit, as in 90s, 10m or 24h\n`,
		"run --fail-fast=x":      `--fail-fast "x", want true or false, or only the flag\n`,
		"steps --format markdwn": `--format "markdwn", want text, markdown, json, html or go: did you mean "markdown"\?\n`,
	} {
		refuses(want, strings.Fields(line)...)
	}
	assert.Greater(t, checked, 120)
}

// What flags need of each other is said with a command that works.
func TestFlagsThatDoNotGoTogether(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"serve --seed 3":           "serve: --seed needs --fault\nflowtest: hint: flowtest serve --fault 500@0.1 --seed 42\n",
		"serve --smtp x":           "serve: --smtp and --sms need --tenant\nflowtest: hint: flowtest serve --tenant --smtp 127.0.0.1:1025\n",
		"record --tls":             "record: --tls needs --proxy\nflowtest: hint: flowtest record --proxy --target staging records what an app sends\n",
		"record --flow x":          "record: --flow needs --proxy\n",
		"check --sdks=x":           "--sdks: there is no SDK \"x\", want web, android or ios\n",
		"steps --format go cookie": "--format go lists all sentences: give it no WORD\n",
		"init file":                "init: file is a file, want a folder\nflowtest: hint: flowtest init flow-tests makes one\n",
		"scaffold sign-on -o file": "file: a file is where a folder is wanted\n",
	} {
		dir := t.TempDir()
		write(t, dir, map[string]string{"file": ""})
		got := command(t.Context(), dir, nil, strings.Fields(line)...)
		assert.Equal(t, cli.ExitUsage, got.code, line)
		assert.Contains(t, strings.ReplaceAll(got.errors, dir+"/", ""), "flowtest: error: "+want, line)
	}
}

// An error names a path once, and never the file beside it that is written first.
func TestAnErrorNamesAPathOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.Equal(t, cli.ExitPassed, command(t.Context(), dir, nil, "init").code)
	long := strings.Repeat("l", 300) // more than a file system takes
	for line, want := range map[string]string{
		"run --report LONG":          "report: the folder LONG cannot be made: ",
		"run --config LONG":          "LONG cannot be read: ",
		"run --known-failures LONG":  "open LONG: ",
		"run features/LONG/x":        "features/LONG/x does not exist",
		"export --har --out LONG":    "export: rename LONG: ",
		"export --har --out LONG/x":  "LONG/x",
		"describe LONG.json":         "the export of a flow is not read: open LONG.json: ",
		"import LONG.har":            "open LONG.har: ",
		"report LONG":                "open LONG/messages.ndjson: ",
		"scaffold sign-on -o LONG":   "mkdir LONG: ",
		"run --report flowtest.yaml": "report: the folder flowtest.yaml cannot be made: a file is where a folder is wanted\n",
	} {
		got := command(t.Context(), dir, nil, strings.Fields(strings.ReplaceAll(line, "LONG", long))...)
		said, _, _ := strings.Cut(got.errors, "flowtest: hint: ")
		said = strings.ReplaceAll(strings.ReplaceAll(said, long, "LONG"), dir+"/", "")
		assert.Contains(t, said, want, line)
		assert.LessOrEqual(t, strings.Count(said, "LONG"), 1, "%s: %s", line, said)
		assert.NotContains(t, said, "flowtest-new", line)
	}
}
