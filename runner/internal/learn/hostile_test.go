package learn_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// inMemory writes and loads a recording without a disk.
func inMemory(f *recordings.Flow) (*recordings.Flow, error) {
	files, err := f.Files()
	if err != nil {
		return nil, err
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: text}
	}
	return recordings.Load(fsys, ".")
}

// spoil breaks one thing of an exchange.
func spoil(r *rand.Rand, x *davinci.Exchange) {
	cut := func(text []byte) []byte {
		if len(text) == 0 {
			return []byte("{")
		}
		at := r.IntN(len(text))
		switch r.IntN(4) {
		case 0:
			return text[:at]
		case 1:
			return slices.Concat(text[:at], []byte{byte(r.IntN(256))}, text[at:])
		case 2:
			return bytes.ReplaceAll(text, text[at:min(len(text), at+3)], []byte(`{{`))
		default:
			return slices.Concat(text[at:], text[:at])
		}
	}
	switch r.IntN(7) {
	case 0:
		x.Response = cut(slices.Clone(x.Response))
	case 1:
		x.Body = cut(slices.Clone(x.Body))
	case 2:
		x.Status = r.IntN(700) - 50
	case 3:
		x.Header, x.ResponseHeader = nil, nil
	case 4:
		x.URL = nil
	case 5:
		x.Method = []string{"", "PUT", http.MethodPost, "get"}[r.IntN(4)]
	case 6:
		u := *x.URL
		u.Path = string(cut([]byte(u.Path)))
		x.URL = &u
	}
}

// Whatever is broken on the way, there is a recording that loads, or an error,
// and never a panic.
func TestSpoiledExchangesLoseNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2)) // the same every time
	const fewTakes = 4
	const rounds = 3 // FuzzLearn goes on from here
	saved, refused := 0, 0
	for _, f := range shipped.Flows(t) {
		for _, detailed := range []bool{false, true} {
			whole, _ := walk.Journeys(f, walk.Options{Detailed: detailed, User: canaries["carol"]})
			if len(whole) == 0 {
				continue
			}
			for range rounds {
				var transcripts []davinci.Exchanges
				for _, i := range r.Perm(len(whole))[:min(fewTakes, len(whole))] { // what breaks does so among few, too
					transcripts = append(transcripts, slices.Clone(whole[i]))
				}
				for range 1 + r.IntN(3) {
					transcript := transcripts[r.IntN(len(transcripts))]
					if x := &transcript[r.IntN(len(transcript))]; x.URL != nil {
						spoil(r, x)
					}
				}
				got, err := learn.Learn(transcripts, learn.Options{Name: f.Name, Users: canaries, Meta: day})
				if err != nil {
					refused++
					continue
				}
				saved++
				_, err = inMemory(got.Flow)
				require.NoError(t, err)
			}
		}
	}
	t.Logf("%d recordings, %d errors", saved, refused)
	assert.Greater(t, saved, refused)
}
