package target_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

func TestLoad(t *testing.T) {
	type file struct {
		def, features, recordings string
		names                     []string
	}
	tests := map[string]struct {
		text string
		env  map[string]string
		want file
	}{
		"an empty file is the built-in configuration": {
			text: "",
			want: file{"replay", "features", "recordings", []string{"replay"}},
		},
		"a file of comments is the built-in configuration": {
			text: "# nothing yet\n---\n",
			want: file{"replay", "features", "recordings", []string{"replay"}},
		},
		"folders stand beside the built-in target": {
			text: "features: specs\nrecordings: tapes\n",
			want: file{"replay", "specs", "tapes", []string{"replay"}},
		},
		"targets without any are the built-in one": {
			text: "targets: {}\n",
			want: file{"replay", "features", "recordings", []string{"replay"}},
		},
		"the only target is the default": {
			text: "targets: {staging: {type: live}}\n",
			want: file{"staging", "features", "recordings", []string{"staging"}},
		},
		"replay is the default among several": {
			text: "targets:\n  a: {type: live}\n  replay: {type: replay}\n",
			want: file{"replay", "features", "recordings", []string{"a", "replay"}},
		},
		"several without replay have no default": {
			text: "targets:\n  b: {type: live}\n  a: {type: live}\n",
			want: file{"", "features", "recordings", []string{"a", "b"}},
		},
		"the file says the default": {
			text: "target: b\ntargets:\n  b: {type: live}\n  replay: {type: replay}\n",
			want: file{"b", "features", "recordings", []string{"b", "replay"}},
		},
		"settings beside targets take references": {
			text: "target: ${T}\nfeatures: ${DIR}/features\nrecordings: $${DIR}\ntargets: {b: {type: replay}}\n",
			env:  map[string]string{"T": "b", "DIR": "specs"},
			want: file{"b", "specs/features", "${DIR}", []string{"b"}},
		},
		"FLOWTEST_TARGET does not change what the file says": {
			text: "targets:\n  b: {type: live}\n  replay: {type: replay}\n",
			env:  map[string]string{"FLOWTEST_TARGET": "b"},
			want: file{"replay", "features", "recordings", []string{"b", "replay"}},
		},
		"Windows writes a byte order mark and its own line ends": {
			text: "\uFEFFfeatures: specs\r\nrecordings: tapes\r\n",
			want: file{"replay", "specs", "tapes", []string{"replay"}},
		},
		"a key may be in quotes and a text in several lines": {
			text: "\"features\": |-\n  specs\nrecordings: >-\n  ta\n  pes\n",
			want: file{"replay", "specs", "ta pes", []string{"replay"}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := load(tc.text, tc.env)
			require.NoError(t, err)
			got := file{f.Default, f.Features, f.Recordings, f.Names()}
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestLoadKnowsItsFolder(t *testing.T) {
	fsys := fstest.MapFS{"suites/login/flowtest.yaml": {Data: []byte("features: 1\n")}, "a/f.yaml": {}}

	_, err := target.Load(fsys, "suites/login/flowtest.yaml", nil)
	require.EqualError(t, err,
		"suites/login/flowtest.yaml:1:11: features is a number, want text: put it in quotes")

	_, err = target.Load(fsys, "a/f.yaml", nil)
	require.NoError(t, err)
}

func TestLoadWithoutAnEnvironment(t *testing.T) {
	fsys := fstest.MapFS{"flowtest.yaml": {Data: []byte("features: ${DIR}\n")}}
	_, err := target.Load(fsys, "flowtest.yaml", nil)
	require.EqualError(t, err, "flowtest.yaml:1:11: features names the variable DIR, which is not set, "+
		"want a value: set DIR")
}

func TestLoadCannotRead(t *testing.T) {
	_, err := target.Load(fstest.MapFS{}, "flowtest.yaml", nil)
	require.EqualError(t, err, "flowtest.yaml cannot be read: file does not exist")
	require.ErrorIs(t, err, fs.ErrNotExist)

	_, err = target.Load(fstest.MapFS{"flowtest.yaml/x": {}}, "flowtest.yaml", nil)
	require.EqualError(t, err, "flowtest.yaml cannot be read: it is a folder, want a regular file")
	require.NotErrorIs(t, err, fs.ErrNotExist)

	large := &fstest.MapFile{Data: []byte(strings.Repeat("#\n", 32<<10) + "#")}
	_, err = target.Load(fstest.MapFS{"flowtest.yaml": large}, "flowtest.yaml", nil)
	require.EqualError(t, err, "flowtest.yaml cannot be read: it has 65537 bytes, want at most 65536")
}

func TestBuiltin(t *testing.T) {
	f := target.Builtin()
	assert.Equal(t, "replay", f.Default)
	assert.Equal(t, "features", f.Features)
	assert.Equal(t, "recordings", f.Recordings)
	assert.Equal(t, []string{"replay"}, f.Names())

	got, err := f.Choose("")
	require.NoError(t, err)
	assert.Equal(t, "replay", got.Name)
	assert.Nil(t, got.Live)
	require.Contains(t, got.Users, "alice")
	assert.Equal(t, target.Demo()["alice"], attributes(got.Users["alice"]))

	_, err = f.Choose("staging")
	require.EqualError(t, err,
		`target "staging" is not defined in the built-in configuration, want one of replay`)
}

func TestAnEmptyFileIsTheBuiltinOne(t *testing.T) {
	got, err := choose(t, "", "", nil)
	require.NoError(t, err)
	want, err := target.Builtin().Choose("")
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
