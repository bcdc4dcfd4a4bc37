package recordings_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

// onDisk returns a recording as a file system, in a folder of its own.
func onDisk(t *testing.T, f *recordings.Flow) fstest.MapFS {
	t.Helper()
	files, err := f.Files()
	require.NoError(t, err)
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys["r/"+name] = &fstest.MapFile{Data: text}
	}
	return fsys
}

// placeless takes away where a recording lay, so that two can be compared.
func placeless(f *recordings.Flow) *recordings.Flow {
	f.Dir = ""
	for _, h := range f.Hops {
		h.Line = 0
	}
	return f
}

func TestShippedRecordingsSurviveSaving(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	require.NoError(t, err)
	for _, want := range flows {
		t.Run(want.Name, func(t *testing.T) {
			first := onDisk(t, want)
			got, err := recordings.Load(first, "r")
			require.NoError(t, err, string(first["r/recording.yaml"].Data))
			assert.Equal(t, names(want), names(got))
			require.Equal(t, placeless(want), placeless(got))

			second := onDisk(t, got)
			assert.Equal(t, first, second, "saving what was saved changes no byte")
		})
	}
}

func names(f *recordings.Flow) []string {
	var all []string
	for _, h := range f.Hops {
		all = append(all, h.Name)
	}
	return all
}
