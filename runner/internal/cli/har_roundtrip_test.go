package cli_test

import (
	"iter"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
)

// scenariosOf is the line with which a run counts its scenarios, and each that did
// not pass.
func scenariosOf(t *testing.T, got said) []string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^(✗ .*|\d+ scenarios: [^·]*)`).FindAllString(got.out, -1)
	require.NotEmpty(t, found, got.out+got.errors)
	return found
}

// Whatever passed on the recordings that were exported passes on what an import makes
// of them, in a folder whose target knows none of the users of the file.
func TestExportedRecordingsPassAgain(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	const run, progress, tags = "run", "--format=progress", "--tags=not @execution-log" // which a HAR does not have
	plan := scenariosOf(t, command(t.Context(), t.TempDir(), nil, run, progress, tags, "--dry-run"))
	require.Len(t, plan, 1)
	count, _, _ := strings.Cut(plan[0], " ")
	want := []string{count + " scenarios: " + count + " passed "} // as on what is shipped

	dir := t.TempDir()
	got := command(t.Context(), dir, nil, "export", "--har", "--out", "a.har")
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	text, err := os.ReadFile(filepath.Join(dir, "a.har"))
	require.NoError(t, err)
	assert.Empty(t, secretsIn(map[string]string{"a.har": string(text)}, ann))
	assert.NotContains(t, string(text), target.Demo()["alice"]["password"])
	policies := policies(t)

	write(t, dir, map[string]string{"flowtest.yaml": "target: replay\nrecordings: recordings\ntargets:\n  replay: {type: replay}\n" +
		"  staging:\n    type: live\n    region: EU\n    environmentId: 5d8b4e2a-6a3b-4c55-9c0e-0b6a1f2e3d4c\n    clientId: app\n" +
		"    redirectUri: https://app.example.com/callback\n    flows: {sign-on: " + policies["sign-on"] + "}\n"})
	linked(t, filepath.Join(dir, "features"), shippedFolder(t, "features"))
	imports := func(names iter.Seq[string], args ...string) {
		got = command(t.Context(), dir, nil, append([]string{"import"}, args...)...)
		require.Equal(t, cli.ExitPassed, got.code, got.errors)
		assert.Empty(t, got.errors, "nothing is in doubt")
		all := files(t, filepath.Join(dir, "recordings"))
		for name := range names {
			assert.Contains(t, got.out, "recorded "+name+": ")
			assert.Contains(t, all, name+"/recording.yaml", "the file says which flow it is")
		}
		for name, text := range all {
			assert.NotContains(t, text, "stand-in-", name)
		}
	}
	imports(maps.Keys(policies), "a.har")
	assert.Equal(t, want, scenariosOf(t, command(t.Context(), dir, nil, run, progress, tags)))

	// Of two flows, a target that is live names one.
	again := []string{"sign-on", "session"}
	got = command(t.Context(), dir, nil, append([]string{"export", "--har", "--out", "b.har"}, again...)...)
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	imports(slices.Values(again), "b.har", "--target", "staging", "--fresh")
	assert.Equal(t, want, scenariosOf(t, command(t.Context(), dir, nil, run, progress, tags)))
}

// The people of an exported file are made up anew for each: where they were edited
// away, the import says what it can no longer distinguish, by the number of the entry.
func TestImportSaysWhatItCannotTellApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := command(t.Context(), dir, nil, "export", "--har", "sign-on")
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	text := without(t, got.out, "log._flowtest")
	write(t, dir, map[string]string{"a.har": text})
	got = command(t.Context(), dir, nil, "import", "a.har", "--flow", "sign-on", "--out", "recordings")
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	warning := regexp.MustCompile(`(?m)^flowtest: warning: sign-on: journey \d+, hop 2 \(entry (\d+), POST …/customHTMLTemplate\) was answered with \S+ and ` +
		`journey \d+, hop 2 \(entry (\d+), POST …/customHTMLTemplate\).* with completed, and the recording cannot tell them apart: the first is kept, ` +
		`and the others are lost with all that followed: what was typed into password, username belongs to no known user: give a user of the target`)
	found := warning.FindStringSubmatch(got.errors)
	require.NotNil(t, found, got.errors)
	statuses := map[string]int64{}
	for i, e := range gjson.Get(text, "log.entries").Array() {
		statuses[strconv.Itoa(i+1)] = e.Get("response.status").Int()
	}
	assert.Equal(t, int64(400), statuses[found[1]], "the entry is that of the refused one")
	assert.Equal(t, int64(200), statuses[found[2]], "the entry is that of the accepted one")
	for _, value := range gjson.Get(got.out, "log._flowtest.users").Map() {
		assert.NotContains(t, got.errors, value.Get("password").String())
	}
}
