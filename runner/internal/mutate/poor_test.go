package mutate_test

import (
	"io/fs"
	"regexp"
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

// Of the shipped features nothing is left but what a person does. With all suggestions in their places
// the features pass, and each suggestion lets a scenario notice what it is for.
func TestSuggestionsKillWhatTheyClaimInEveryFlow(t *testing.T) {
	if testing.Short() {
		t.Skip("that mutants run beside each other is in other tests")
	}
	t.Parallel()
	const shard, shards = 5, 20 // a part of the mutants of each flow
	files := poor(t)
	s := suite(t, "")
	s.Features = []runner.Source{{FS: files, Path: ".", Show: "features"}}
	results, err := mutate.Run(t.Context(), s, mutate.Choice{}, shard, shards)
	require.NoError(t, err)
	claimed, survived := map[string]string{}, 0
	at := map[string]map[int][]string{} // lines to add, by file and line
	for _, r := range results {
		if r.Verdict == mutate.Survived {
			survived++
			if r.Add == nil {
				t.Log("no suggestion:", r.ID, r.By)
			}
		}
		if r.Add == nil {
			continue
		}
		claimed[r.ID] = r.Add.String()
		name := strings.TrimPrefix(r.Add.File, "features/")
		if at[name] == nil {
			at[name] = map[int][]string{}
		}
		if text := strings.Join(r.Add.Lines, "\n"); !strings.Contains(strings.Join(at[name][r.Add.Line], "\n")+"\n", text+"\n") {
			at[name][r.Add.Line] = append(at[name][r.Add.Line], text)
		}
	}
	assert.Greater(t, len(claimed), survived*8/10, "of %d that survived", survived)
	for name, add := range at {
		var rich []string
		for i, line := range strings.Split(string(files[name].Data), "\n") {
			rich = append(append(rich, line), add[i+1]...)
		}
		files[name].Data = []byte(strings.Join(rich, "\n"))
	}
	results, err = mutate.Run(t.Context(), s, mutate.Choice{}, shard, shards)
	require.NoError(t, err)
	for _, r := range results {
		if sentence, ok := claimed[r.ID]; ok {
			assert.True(t, r.Verdict.Noticed(), "%s: %s, with %s", r.ID, r.Verdict, sentence)
		}
	}
}
