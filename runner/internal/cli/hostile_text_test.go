package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/tenant/fake"
)

// foreign is a text of a service, a file or a person with whatever steers a terminal, a CI server or a page.
const foreign = "one\n::stop-commands::two\r##vso[task.setvariable variable=x]three ##teamcity[four] " +
	"##[five\x1b]0;mine\x07\u009b31m\u202e\u2066\u2028::add-mask::six\u2029\x7f</table><script>alert(1)</script><img src=x onerror=y>|a`b`"

var (
	steering = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
	commands = regexp.MustCompile(`(?im)^[\s\p{Z}\p{Cf}]*::(?:stop-commands|add-mask|set-env|debug)|##(?:vso|teamcity)?\[`)
	element  = regexp.MustCompile(`(?i)[^\\]<(?:script|img|/table)`)
)

// harmless looks for what steers in what a command printed, and whether its JSON is JSON. It returns
// the text.
func harmless(t *testing.T, got said, args ...string) string {
	t.Helper()
	all := strings.Join(args, " ")
	text := got.out + "\n" + got.errors
	assert.NotEmpty(t, strings.TrimSpace(text), all)
	assert.Empty(t, steering.FindAllString(text, -1), all)
	assert.Empty(t, commands.FindAllString(text, -1), all)
	if strings.Contains(all, "markdown") {
		assert.Empty(t, element.FindAllString(text, -1), all)
	}
	if strings.HasSuffix(all, "--format json") || args[0] == "export" {
		d := json.NewDecoder(strings.NewReader(got.out))
		n := 0
		for ; ; n++ {
			var v any
			if err := d.Decode(&v); err != nil {
				assert.ErrorIs(t, err, io.EOF, "%s: %s", all, got.out)
				break
			}
		}
		assert.Positive(t, n, all)
	}
	return text
}

// spoiled puts a text before each name, label and message of a JSON file.
func spoiled(t *testing.T, dir, from, to, text string) {
	t.Helper()
	body, err := os.ReadFile(from)
	require.NoError(t, err)
	names := regexp.MustCompile(`("(?:name|label|content|message|title|nodeTitle|nodeDescription|description)":\s*")([^{"])`)
	require.True(t, names.Match(body), from)
	quoted := inJSON(text, false)
	write(t, dir, map[string]string{to: names.ReplaceAllString(string(body), "${1}"+quoted+"${2}")})
}

// hostileFolder is a workspace whose recording and feature hold one text and whose export another. The
// recording before it is in the folder before.
func hostileFolder(t *testing.T, text, inExport string) (dir string) {
	t.Helper()
	const starts = "    Given the flow \"sign-on\"\n    When I start the flow\n"
	dir = workspaceOf(t, map[string]string{
		"a.feature": "Feature: F\n  ::add-mask::five\n  Scenario: ##vso[task.complete]six\n" + starts +
			"    Then the response status is 200\n",
		"../failing/b.feature": "Feature: F\n  Scenario: ::add-mask::seven\n" + starts +
			"    Then the flow completes\n    And ::add-mask::eight\n",
	})
	require.NoError(t, os.CopyFS(filepath.Join(dir, "before"), os.DirFS(filepath.Join(dir, "recordings"))))
	for _, name := range []string{"sign-on-form.json", "wrong-password.json", "execution-log.json"} {
		spoiled(t, dir, filepath.Join(dir, "recordings", "sign-on", name), filepath.Join("recordings", "sign-on", name), text)
	}
	const export = "../export/testdata/shop.json"
	spoiled(t, dir, export, "evil.json", inExport)
	plain, err := os.ReadFile(export)
	require.NoError(t, err)
	write(t, dir, map[string]string{"plain.json": string(plain)})
	return dir
}

// ofForeignText are the commands that print what others wrote, in their formats.
func ofForeignText() (all [][]string) {
	formats := func(formats string, args ...string) {
		for format := range strings.SplitSeq(formats, " ") {
			all = append(all, append(slices.Clone(args), "--format", format))
		}
	}
	formats("pretty progress dots github json", "run")
	formats("pretty github json", "run", "failing")
	formats("pretty progress dots github json", "report", "report")
	formats("text markdown json", "diff", "before/sign-on", "recordings/sign-on")
	formats("text markdown json", "diff", "plain.json", "evil.json")
	formats("text markdown json mermaid", "describe", "evil.json")
	formats("text json sarif dvlint github", "check", "evil.json")
	formats("text markdown json", "coverage", "recordings/sign-on", "recordings/sign-on")
	formats("text markdown json", "coverage", "report", "evil.json")
	formats("text markdown json", "mutate", "--operators", "message,label,button-gone,status")
	formats("text markdown json", "doctor", "--target", "staging")
	formats("text json", "log", "--target", "local", "--report", "live")
	return append(all, [][]string{
		{"run", "--quiet"},
		{"run", "--tags", foreign},
		{"run", foreign + ".feature"},
		{"run", "--coverage", "evil.json"},
		{"run", "--affected-by", "evil.json", "plain.json"},
		{"check"},
		{"check", foreign + ".json"},
		{"import", "evil.json", "--flow", "evil", "--out", "imported"},
		{"scaffold", "recordings/sign-on", "-o", "made"},
		{"scaffold", "evil.json", "-o", "made2"},
		{"export", "--har"},
		{"steps", "--format", "json"},
		{"requirements", "--format", "json"},
	}...)
}

// What a service, a file or a person wrote steers neither a terminal nor a CI server nor a page, whatever
// prints it and in whichever format, and JSON stays JSON. Only the annotations for GitHub are its commands.
func TestForeignTextSteersNothing(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	dir := hostileFolder(t, foreign, foreign)
	tenants, tenant := tenantFolder(t)
	tenant.Change(tenant.AppPath(), func(app any) any {
		app.(map[string]any)["name"] = foreign //nolint:errcheck,forcetypeassert // it is an object
		return app
	})
	tenant.Refuse("/billOfMaterials", 1, http.StatusForbidden, foreign, foreign, foreign)
	live, env := servedTenant(t, filepath.Join(dir, "recordings"))
	write(t, live, map[string]string{
		"features/a.feature": "Feature: A\n  Scenario: Two passwords\n" + secondPassword + "    Then the flow pauses\n",
	})
	require.Equal(t, 1, command(t.Context(), live, env, "run", "--target", "local", "--report", "live").code)
	require.Equal(t, 1, command(t.Context(), dir, nil, "run", "features", "failing", "--report", "report").code)
	for _, args := range ofForeignText() {
		var got said
		switch args[0] {
		case "doctor":
			got = command(t.Context(), tenants, map[string]string{"WORKER_SECRET": fake.WorkerSecret}, args...)
			assert.NotEqual(t, 2, got.code, got.errors)
		case "log":
			got = command(t.Context(), live, env, args...)
			assert.Contains(t, got.out, "three", args)
		default:
			got = command(t.Context(), dir, nil, args...)
		}
		harmless(t, got, args...)
	}
	for _, name := range []string{
		"made/sign-on.feature", "imported/evil/recording.yaml", "made2/evil.feature", "report/summary.md",
	} {
		text := read(t, dir, name)
		assert.Empty(t, steering.FindAllString(text, -1), name)
	}
	// What scaffold wrote of such a recording passes.
	got := command(t.Context(), dir, nil, "run", "made")
	assert.Equal(t, 0, got.code, got.out+got.errors)
}

// A label of a recording or an export is cut where a person reads it: each output is shorter than one.
func TestALongNameIsCut(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	const long, most = 1 << 14, 10_000
	dir := hostileFolder(t, strings.Repeat("L", long), "L")
	ran := command(t.Context(), dir, nil, "run", "features", "failing", "--report", "report")
	require.Equal(t, 1, ran.code, ran.errors)
	for _, args := range ofForeignText() {
		if all := strings.Join(args, " "); slices.Contains([]string{"doctor", "log", "export", "mutate"}, args[0]) ||
			slices.Contains([]string{"json", "sarif", "dvlint"}, all[strings.LastIndex(all, " ")+1:]) && args[0] != "run" {
			continue
		}
		got := command(t.Context(), dir, nil, args...)
		assert.Less(t, len(got.out+got.errors), most, "%v", args)
	}
}
