package mutate_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/runner"
	"flowtest/runner/internal/mutate"
)

// poor returns the shipped features without an assertion: every Then is gone, with what is below it.
func poor(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(features.Shipped(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(features.Shipped(), name)
		if strings.HasSuffix(name, ".feature") {
			text = []byte(withoutThen(string(text)))
		}
		out[name] = &fstest.MapFile{Data: text}
		return err
	}))
	return out
}

func withoutThen(text string) string {
	var kept []string
	then := false // the line belongs to a Then
	for line := range strings.SplitSeq(text, "\n") {
		switch word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word {
		case "Then":
			then = true
		case "And", "But", "|":
		default:
			then = then && strings.HasPrefix(strings.TrimSpace(line), "|")
		}
		if !then {
			kept = append(kept, line)
		}
	}
	text = strings.Join(kept, "\n")
	begins := append(scenario.FindAllStringIndex(text, -1), []int{len(text)})
	var out strings.Builder
	out.WriteString(text[:begins[0][0]])
	for i := range begins[:len(begins)-1] {
		if one := text[begins[i][0]:begins[i+1][0]]; action.MatchString(one) {
			out.WriteString(one)
		}
	}
	return out.String()
}

// A scenario with its tags, and one of its steps.
var (
	scenario = regexp.MustCompile(`(?m)^  (@.*\n  )*Scenario`)
	action   = regexp.MustCompile(`(?m)^    (Given|When|And) `)
)

// few removes scenarios that pass nothing that others do not pass: they take time only.
func few(t *testing.T, s *runner.Suite, files fstest.MapFS) {
	t.Helper()
	crossed, err := mutate.Crossed(t.Context(), s)
	require.NoError(t, err)
	covered, keep := map[string]bool{}, map[string]bool{}
	for more := true; more; {
		best, most := "", 0
		for _, place := range slices.Sorted(maps.Keys(crossed)) {
			fresh := slices.DeleteFunc(slices.Clone(crossed[place]), func(what string) bool { return covered[what] })
			if len(fresh) > most {
				best, most = place, len(fresh)
			}
		}
		for _, what := range crossed[best] {
			covered[what] = true
		}
		keep[best], more = true, most > 0
	}
	for name, file := range files {
		if !strings.HasSuffix(name, ".feature") {
			continue
		}
		text := string(file.Data)
		begins := append(scenario.FindAllStringIndex(text, -1), []int{len(text)})
		var out strings.Builder
		out.WriteString(text[:begins[0][0]])
		for i := range begins[:len(begins)-1] {
			one := text[begins[i][0]:begins[i+1][0]]
			line := strings.Count(text[:begins[i][0]], "\n") + 1
			for n := range strings.Count(one, "\n") {
				if keep[fmt.Sprintf("features/%s:%d", name, line+n)] {
					out.WriteString(one)
					break
				}
			}
		}
		file.Data = []byte(out.String())
		if !scenario.Match(file.Data) {
			delete(files, name)
		}
	}
}

// Of the shipped features nothing is left but what a person does. For every survivor there is a
// suggestion, or a reason why there is none. With all suggestions in their places the features pass,
// and each suggestion lets a scenario notice what it is for. With FLOWTEST_LARGE=1 it tries all mutants.
func TestSuggestionsKillWhatTheyClaimInEveryFlow(t *testing.T) {
	if testing.Short() {
		t.Skip("that mutants run beside each other is in other tests")
	}
	t.Parallel()
	files := poor(t)
	s := suite(t, "")
	s.Features = []runner.Source{{FS: files, Path: ".", Show: "features"}}
	few(t, s, files)
	shard, shards := 2, 24 // a part of the mutants of each flow
	if os.Getenv("FLOWTEST_LARGE") != "" {
		shard, shards = 0, 0
	}
	results, err := mutate.Run(t.Context(), s, mutate.Choice{}, shard, shards)
	require.NoError(t, err)
	claimed, reasons := map[string]string{}, 0
	at := map[string][]*mutate.Suggestion{}
	for _, r := range results {
		switch {
		case r.Verdict != mutate.Survived:
		case r.Add != nil:
			claimed[r.ID] = r.Add.String()
			name := strings.TrimPrefix(r.Add.File, "features/")
			at[name] = append(at[name], r.Add)
		default:
			reasons++
			t.Logf("%s: %s", r.ID, r.Why)
			assert.Contains(t, mutate.Reasons(), r.Why, r.ID)
		}
	}
	t.Logf("%d survivors with a suggestion, %d with a reason", len(claimed), reasons)
	assert.Greater(t, len(claimed), 100*reasons)
	for name, list := range at {
		files[name].Data = []byte(mutate.Patched(string(files[name].Data), list))
	}
	results, err = mutate.Run(t.Context(), s, mutate.Choice{}, shard, shards)
	require.NoError(t, err)
	for _, r := range results {
		if sentence, ok := claimed[r.ID]; ok {
			assert.True(t, r.Verdict.Noticed(), "%s: %s, with %s", r.ID, r.Verdict, sentence)
		}
	}
}
