package learn_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/store"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// record drives every journey of a recording, each as often as said, and
// returns what was seen and what went over the wire.
func record(t *testing.T, f *recordings.Flow, times int) (map[string][]sight, []davinci.Exchanges, []plan) {
	t.Helper()
	live := serve(t, f)
	seen := map[string][]sight{}
	var transcripts []davinci.Exchanges
	all := append(plans(f, false), plans(f, true)...)
	for _, p := range all {
		for range times {
			saw, transcript := drive(t, live, p)
			seen[p.name+encoded(p.detailed)] = saw
			transcripts = append(transcripts, transcript)
		}
	}
	return seen, transcripts, all
}

// A film is what record returned.
type film struct {
	seen        map[string][]sight
	transcripts []davinci.Exchanges
	all         []plan
}

// films are those of the shipped recordings, each journey driven twice. One is made once
// for all tests, which only read it.
var (
	films  = map[string]film{}
	making sync.Mutex // guards films and lessons
)

// filmed is what record returns of a shipped recording, each journey driven twice.
func filmed(t *testing.T, f *recordings.Flow) (map[string][]sight, []davinci.Exchanges, []plan) {
	t.Helper()
	making.Lock()
	got, ok := films[f.Name]
	making.Unlock()
	if !ok {
		got.seen, got.transcripts, got.all = record(t, f, 2)
		making.Lock()
		films[f.Name] = got
		making.Unlock()
	}
	return got.seen, slices.Clone(got.transcripts), got.all
}

// learnedOf is what is learned of a shipped recording that was filmed. It too is made once for
// all tests, which only read it.
func learnedOf(t *testing.T, f *recordings.Flow) *learn.Result {
	t.Helper()
	making.Lock()
	got := lessons[f.Name]
	making.Unlock()
	if got != nil {
		return got
	}
	_, transcripts, _ := filmed(t, f)
	got = learned(t, transcripts, learn.Options{Name: f.Name})
	making.Lock()
	defer making.Unlock()
	lessons[f.Name] = got
	return got
}

var lessons = map[string]*learn.Result{}

// day is when every journey of these tests was recorded, by a program that was built from a commit:
// its version looks like a secret, and is none.
var day = recordings.Meta{
	Date: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Tool: "flowtest v0.0.0-20261130093145-0e1d2e669c92",
}

// learned makes a recording, which has to be possible.
func learned(t *testing.T, transcripts []davinci.Exchanges, o learn.Options) *learn.Result {
	t.Helper()
	if o.Users == nil {
		o.Users = canaries
	}
	if o.Meta.Date.IsZero() {
		o.Meta = day
	}
	o.Generated = map[string]string{}
	for name, value := range walk.StandIns {
		o.Generated[value] = name
	}
	got, err := learn.Learn(transcripts, o)
	require.NoError(t, err)
	return got
}

// written saves a recording and loads it again.
func written(t *testing.T, got *learn.Result) (string, *recordings.Flow) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "flow")
	w, err := store.Create(dir)
	require.NoError(t, err)
	require.NoError(t, w.Save(got.Flow, func(fsys fs.FS) error { return learn.Verify(fsys, got.Secrets) }))
	w.Close()
	again, err := recordings.Load(os.DirFS(dir), ".")
	require.NoError(t, err)
	return dir, again
}

// asked counts the requests in which an app asks where the token of a provider's own SDK
// goes. They are no hops: a recording has the request that follows each.
func asked(transcripts []davinci.Exchanges) (n int) {
	for _, transcript := range transcripts {
		for i := range transcript {
			if transcript[i].Method == http.MethodGet && strings.HasSuffix(transcript[i].URL.Path, "/rp/authenticate") {
				n++
			}
		}
	}
	return n
}

func TestWhatIsLearnedReplays(t *testing.T) {
	for _, f := range flows(t) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			want, transcripts, all := filmed(t, f)
			got := learnedOf(t, f)
			assert.Empty(t, got.Unsure)
			assert.Empty(t, got.Broken)
			assert.Equal(t, asked(transcripts), got.Ignored)
			assert.Equal(t, len(transcripts), got.Journeys)

			dir, again := written(t, got)
			assertNoCanary(t, dir, transcripts)
			replay := serve(t, again)
			for _, p := range all {
				saw, _ := drive(t, replay, p)
				assert.Equal(t, want[p.name+encoded(p.detailed)], saw, p.name)
			}
		})
	}
}

// The recordings that come with flowtest were written by hand. What is learned
// of them is what is in them, variable by variable.
func TestVariablesAreLearnedWhereAPersonPutThem(t *testing.T) {
	for _, f := range flows(t) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			got := learnedOf(t, f)
			want := texts(f)
			for name, text := range texts(got.Flow) {
				if f.Name == "errors" && name == "username-password-required.json" {
					continue // its id is never handed back, so it is one like any other
				}
				assert.Contains(t, slices.Collect(maps.Values(want)), text, name)
			}
			assert.Equal(t, f.Policy, got.Flow.Policy, "the authorize request or a link names it")
		})
	}
}

// texts are the JSON bodies of a recording.
func texts(f *recordings.Flow) map[string]string {
	all := map[string]string{}
	for _, h := range f.Hops {
		for _, b := range []*recordings.Body{h.Response.JSON, h.Response.Detailed} {
			if b != nil {
				all[b.File] = string(b.Text)
			}
		}
	}
	return all
}

// assertNoCanary searches every byte written for every value that the journeys
// must not leave behind, in every encoding.
func assertNoCanary(t *testing.T, dir string, transcripts []davinci.Exchanges) {
	t.Helper()
	secrets := map[string]string{}
	for _, user := range canaries {
		maps.Copy(secrets, user)
	}
	for _, transcript := range transcripts {
		for _, x := range transcript {
			body := gjson.ParseBytes(x.Response)
			for _, path := range []string{
				"interactionToken", "interactionId", "authorizeResponse.code", "session.id", "sessionToken", "correlationId",
			} {
				if v := body.Get(path).String(); len(v) > 16 {
					secrets[path+" "+v[:4]] = v
				}
			}
			for _, line := range x.ResponseHeader["Set-Cookie"] {
				_, value, _ := strings.Cut(line, "=")
				value, _, _ = strings.Cut(value, ";")
				secrets["cookie "+value[:4]] = value
			}
			secrets["state"] = cmp.Or(x.URL.Query().Get("state"), secrets["state"])
		}
	}
	forms := map[string]string{} // what no file has, and which secret in which encoding it is
	for kind, secret := range secrets {
		for encoding, form := range everyEncoding(secret) {
			forms[form] = kind + ", " + encoding
		}
	}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for form, what := range forms {
			if bytes.Contains(text, []byte(form)) {
				assert.Fail(t, "a secret was written", "%s in %s: %s", what, filepath.Base(name), form)
			}
		}
		return nil
	}))
}

// everyEncoding writes a secret in every way in which it may be found.
func everyEncoding(secret string) map[string]string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err) // a string can always be written
	}
	all := map[string]string{
		"plain": secret, "JSON": string(quoted[1 : len(quoted)-1]), "HTML": html.EscapeString(secret),
		"URL query": url.QueryEscape(secret), "URL path": url.PathEscape(secret),
	}
	for shift := range 3 {
		for name, e := range map[string]*base64.Encoding{"std": base64.StdEncoding, "url": base64.URLEncoding} {
			text := e.EncodeToString([]byte(strings.Repeat("\x00", shift) + secret))
			if core := text[4 : len(text)-4]; len(core) > 6 {
				all["Base64 "+name+encoded(shift)] = core
			}
		}
	}
	return all
}

// Journeys that are recorded again, with other tokens, come to the same recording. So they do in
// another order: the scenarios of a run end in another one each time.
func TestLearningTwiceGivesTheSame(t *testing.T) {
	for _, f := range flows(t) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2)) // the same order every time
			_, again, _ := record(t, f, 2)
			random.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
			want := learnedOf(t, f)
			got := learned(t, again, learn.Options{Name: f.Name, Keep: true})
			assert.Len(t, got.Unsure, len(want.Unsure))
			var files []map[string][]byte
			for _, one := range []*learn.Result{want, got} {
				all, err := one.Flow.Files()
				require.NoError(t, err)
				files = append(files, all)
			}
			assert.Equal(t, files[0], files[1])
		})
	}
}
