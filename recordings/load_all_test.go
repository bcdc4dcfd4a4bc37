package recordings_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

func TestLoadJoinsTheMistakes(t *testing.T) {
	mistakes{
		"of the head, of hops and of bodies": {
			"format: 1\nsource: guessed\npolicy: a*demo\n" + start +
				another("name: next", "from: strat", "request: {eventType: click}", answers) +
				another("name: last", "from: start", asks),
			map[string]string{"error.json": "[]", "spare.json": "{}"},
			"FILE:1: no flow, want its name, as in \"flow: sign-on\"\n" +
				"FILE:1: source \"guessed\" is unknown, want recorded, documented or synthetic\n" +
				"FILE:1: policy \"a*demo\" is not a flow policy, want its id or its name: a line without any of {}$*\n" +
				"FILE:8: hop \"next\" has eventType \"click\", want submit, action or polling\n" +
				"DIR/error.json:1: not a JSON object, and a response body is one\n" +
				"FILE:12: hop \"last\" has neither response nor to: it needs one of them\n" +
				"FILE:8: hop \"next\" leaves \"strat\", and no hop has that name\n" +
				"DIR/spare.json: no hop names this body: name it in a hop or delete it",
		},
		"and says once what two hops share": {
			then("name: next", "from: start", asks, answers) + another("name: last", "from: start", "request: {action: ON}", answers),
			map[string]string{"error.json": "[]"},
			"DIR/error.json:1: not a JSON object, and a response body is one",
		},
	}.run(t)
}

// The messages are for people who know no Go.
func TestLoadSpeaksOfNoGoType(t *testing.T) {
	for name, row := range map[string]struct{ yaml, want string }{
		"a format that is a word": {"format: one\n" + start, dir + "/recording.yaml:1:1: format one is not a number, want 1"},
		"a status that is a word": {
			then("name: next", "from: start", asks, "response: {status: fine, json: screen.json}"),
			dir + `/recording.yaml:11:24: hops[1].response.status is "fine", want a number from 200 to 599`,
		},
		"a status too large": {
			then("name: next", "from: start", asks, "response: {status: 99999999999999999999, json: screen.json}"),
			dir + `/recording.yaml:11:24: hops[1].response.status is "99999999999999999999", want a number from 200 to 599`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := recordings.Load(folder(row.yaml, nil), dir)
			require.ErrorContains(t, err, row.want)
			assert.NotContains(t, err.Error(), "Go ")
			assert.NotContains(t, err.Error(), "YAML.")
		})
	}
}

func TestLoadWritesFolderNamesAsTheyAre(t *testing.T) {
	fsys := fstest.MapFS{"100%d/recording.yaml": {Data: []byte("format: 1\nsource: synthetic\nflow: demo\n")}}
	_, err := recordings.Load(fsys, "100%d")
	assert.EqualError(t, err, "100%d/recording.yaml:1: no hops, want at least the one that starts the flow")
}

func TestLoadWithoutARecording(t *testing.T) {
	_, err := recordings.Load(fstest.MapFS{}, "demo")
	assert.EqualError(t, err, "recordings: open demo/recording.yaml: file does not exist")
}

func TestLoadAll(t *testing.T) {
	const session = "format: 1\nsource: synthetic\nflow: demo\n" +
		"hops:\n  - name: start\n    request: {path: /as/authorize}\n    response: {status: 200, json: end.json}\n"
	files := func(texts ...string) fstest.MapFS {
		fsys := fstest.MapFS{"README.md": {Data: []byte("# Recordings")}}
		for i, text := range texts {
			at := "rec/" + string(rune('a'+i))
			fsys[at+"/recording.yaml"] = &fstest.MapFile{Data: []byte(text)}
			fsys[at+"/end.json"] = &fstest.MapFile{Data: []byte(completedJSON)}
		}
		return fsys
	}
	for name, row := range map[string]struct {
		fsys fstest.MapFS
		root string
		want string
	}{
		"two recordings of one flow": {
			files(session, strings.Replace(session, "demo", "other", 1), session), ".",
			`rec/c/recording.yaml: flow "demo" is also the name of rec/a/recording.yaml: rename one`,
		},
		"mistakes in two recordings": {
			files("format: 2\n", session, "format: 3\n"), ".",
			"rec/a/recording.yaml:1:1: format 2 is later than this flowtest reads, which is 1: update flowtest\n" +
				"rec/c/recording.yaml:1:1: format 3 is later than this flowtest reads, which is 1: update flowtest",
		},
		"a root that does not exist": {files(session), "recs", "recs: cannot be read: file does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			flows, err := recordings.LoadAll(row.fsys, row.root)
			require.EqualError(t, err, row.want)
			assert.Empty(t, flows)
		})
	}

	t.Run("in the order of the paths", func(t *testing.T) {
		flows, err := recordings.LoadAll(files(strings.Replace(session, "demo", "z", 1), strings.Replace(session, "demo", "a", 1)), "rec")
		require.NoError(t, err)
		require.Len(t, flows, 2)
		assert.Equal(t, []string{"z", "rec/a", "a", "rec/b"}, []string{flows[0].Name, flows[0].Dir, flows[1].Name, flows[1].Dir})
	})
}

// The parser takes the square of the keys of a mapping: more than any recording has are
// refused before it reads them.
func TestLoadRefusesManyKeysAtOnce(t *testing.T) {
	for name, row := range map[string]struct {
		above, indent string
		line          int
	}{
		"of the file":    {"format: 1\n", "", 1001},
		"of a form":      {"format: 1\nhops:\n  - request:\n      formData:\n", "        ", 1005},
		"of a later hop": {"format: 1\nhops:\n  - request: {}\n  - request:\n", "        ", 1005},
	} {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			text.WriteString(row.above)
			for i := range 40_000 {
				fmt.Fprintf(&text, "%skey%d: x\n", row.indent, i)
			}
			_, err := recordings.Load(fstest.MapFS{"recording.yaml": {Data: []byte(text.String())}}, ".")
			require.EqualError(t, err, fmt.Sprintf("recording.yaml:%d:1: the file has more than 1000 keys in one place, want fewer", row.line))
		})
	}
	// Each hop begins anew.
	text := "format: 1\nsource: recorded\nflow: f\nhops:\n" + strings.Repeat("  - name: a\n    to: b\n    unknown: c\n", 2000)
	_, err := recordings.Load(fstest.MapFS{"recording.yaml": {Data: []byte(text)}}, ".")
	require.ErrorContains(t, err, `recording.yaml:7:5: hops[0] has the unknown key "unknown", want one of name, from, to, request, response`)
}

// denied is a file system that refuses to open one file.
type denied struct {
	fs.FS

	name string
}

// Open implements [fs.FS].
func (d denied) Open(name string) (fs.File, error) {
	if name == d.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

// What cannot be read is named once, by its place, so that a folder can be put in front.
func TestLoadNamesOnceWhatItCannotRead(t *testing.T) {
	for name, want := range map[string]string{
		".":                      ".: cannot be read: permission denied",
		"sign-on":                "sign-on: cannot be read: permission denied",
		"sign-on/recording.yaml": "sign-on/recording.yaml: cannot be read: permission denied",
		"sign-on/completed.json": `body "completed.json" cannot be read: permission denied`,
	} {
		_, err := recordings.LoadAll(denied{recordings.Shipped(), name}, ".")
		require.ErrorIs(t, err, fs.ErrPermission, name)
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "open ")
	}
}
