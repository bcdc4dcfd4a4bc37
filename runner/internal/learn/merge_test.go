package learn_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/steps/davinci"
)

// A recording that a person wrote, or that was learned before, stays as it is
// where the flow answers as it says.
func TestLearningAnUnchangedFlowChangesNothing(t *testing.T) {
	for _, f := range flows(t) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			_, transcripts, _ := filmed(t, f)
			before, err := f.Files()
			require.NoError(t, err)
			got := learned(t, transcripts, learn.Options{Previous: f})
			assert.Empty(t, got.Added)
			if f.Name != "errors" { // the id of the native sign-on is an id like any other
				assert.Empty(t, got.Changed)
			}
			assert.Empty(t, got.Removed)
			require.Len(t, got.Flow.Hops, len(f.Hops))
			for i, h := range f.Hops {
				assert.Equal(t, h.Name, got.Flow.Hops[i].Name)
				assert.Equal(t, h.Request.Key(), got.Flow.Hops[i].Request.Key())
			}
			after, err := f.Files()
			require.NoError(t, err)
			assert.Equal(t, before, after, "the recording that was handed in is not changed")
		})
	}
}

// Journeys that are recorded one after the other come to the same recording as
// journeys that are recorded together.
func TestJourneysMerge(t *testing.T) {
	for _, f := range flows(t) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			want, transcripts, all := filmed(t, f)
			var previous *recordings.Flow
			for i := 0; i < len(transcripts); i += 2 { // a journey and its repetition
				got := learned(t, transcripts[i:i+2], learn.Options{Name: f.Name, Previous: previous})
				assert.Empty(t, got.Removed)
				var err error
				previous, err = inMemory(got.Flow)
				require.NoError(t, err)
			}
			replay := serve(t, previous)
			for _, p := range all {
				saw, _ := drive(t, replay, p)
				assert.Equal(t, want[p.name+encoded(p.detailed)], saw, p.name)
			}
			got := learned(t, transcripts, learn.Options{Previous: previous})
			assert.Empty(t, got.Added)
			assert.Empty(t, got.Changed)
		})
	}
}

// edited is a shipped recording with an edit of its files.
func edited(t *testing.T, name string, edit func(files fstest.MapFS)) *recordings.Flow {
	t.Helper()
	for _, f := range shipped.Flows(t) {
		if f.Name != name {
			continue
		}
		files, err := f.Files()
		require.NoError(t, err)
		fsys := fstest.MapFS{}
		for file, text := range files {
			fsys[file] = &fstest.MapFile{Data: text}
		}
		edit(fsys)
		flow, err := recordings.Load(fsys, ".")
		require.NoError(t, err)
		return flow
	}
	t.Fatalf("no recording %s", name)
	return nil
}

// swap puts other text into a file.
func swap(t *testing.T, files fstest.MapFS, file, from, to string) {
	t.Helper()
	require.Contains(t, string(files[file].Data), from)
	files[file] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[file].Data), from, to, 1))}
}

func TestAnEditOfTheFlowIsRecorded(t *testing.T) {
	for name, row := range map[string]struct {
		edit    func(files fstest.MapFS)
		changed []string
		added   []string
	}{
		"a label": {
			edit: func(files fstest.MapFS) {
				swap(t, files, "trouble.json", "Trouble", "Difficulties")
			}, changed: []string{"trouble"},
		},
		"a message": {
			edit: func(files fstest.MapFS) {
				swap(t, files, "wrong-password.json", "The provided password did not match", "It did not match")
			}, changed: []string{"wrong-password"},
		},
		"another node after a button": {
			edit: func(files fstest.MapFS) {
				swap(t, files, "reset-form.json", `"id": "`, `"id": "z`)
				swap(t, files, "reset-form.detailed.json", `"id": "`, `"id": "z`)
			}, changed: []string{"reset-form"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			live := edited(t, "sign-on", row.edit)
			want, transcripts, all := record(t, live, 2)
			got := learned(t, transcripts, learn.Options{Previous: edited(t, "sign-on", func(fstest.MapFS) {})})
			assert.Equal(t, row.changed, got.Changed)
			assert.Equal(t, row.added, got.Added)
			assert.Empty(t, got.Removed)
			_, again := written(t, got)
			replay := serve(t, again)
			for _, p := range all {
				saw, _ := drive(t, replay, p)
				assert.Equal(t, want[p.name+encoded(p.detailed)], saw, p.name)
			}
		})
	}
}

// What the recording says is generated stays so where each path was recorded only once.
func TestAWayThatWasGoneOnceKeepsItsVariables(t *testing.T) {
	for _, f := range flows(t) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			_, twice, _ := filmed(t, f)
			var transcripts []davinci.Exchanges
			for i := 0; i < len(twice); i += 2 { // without the repetitions
				transcripts = append(transcripts, twice[i])
			}
			got := learned(t, transcripts, learn.Options{Previous: f})
			assert.Empty(t, got.Added)
			if f.Name != "errors" { // as above
				assert.Empty(t, got.Changed)
			}
		})
	}
}
