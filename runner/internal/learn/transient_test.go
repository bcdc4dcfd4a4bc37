package learn_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// What an environment answers that fails.
const (
	downJSON = `{"message":"Internal Server Error","httpResponseCode":500,"code":500}`
	downPage = "<html><head><title>Maintenance</title></head></html>"
	goneJSON = `{"message":"Unauthorized!","httpResponseCode":401,"code":1999}`
)

// begins starts a journey that is answered with something else than its screen.
func (k *talk) begins(status int, response string) {
	k.exchange(http.MethodGet, "/as/authorize?response_mode=pi.flow&client_id=app&state="+k.state(), "", status, response)
}

// numbered makes journeys with numbers of their own.
func numbered(journeys ...func(k *talk)) (transcripts []davinci.Exchanges) {
	for n, journey := range journeys {
		k := &talk{number: n + 1}
		journey(k)
		transcripts = append(transcripts, k.exchanges)
	}
	return transcripts
}

func TestAMomentaryFailureReplacesNoAnswer(t *testing.T) {
	good := func(k *talk) { k.start(""); k.post(rightly, http.StatusOK, completed(k)) }
	on := func(status int, response string) func(k *talk) {
		return func(k *talk) { k.start(""); k.post(rightly, status, response) }
	}
	again := func(status int, response string) func(k *talk) {
		return func(k *talk) {
			k.start("")
			k.post(rightly, status, response)
			k.post(rightly, http.StatusOK, completed(k))
		}
	}
	whole := []string{"sign-on", "completed"}
	for name, row := range map[string]struct {
		transcripts []davinci.Exchanges
		names       []string
		passing     []string
	}{
		"at the start": {
			numbered(func(k *talk) { k.begins(http.StatusInternalServerError, downJSON) }, good, good), whole,
			[]string{"journey 1, hop 1 was answered with status 500, at journey 2, hop 1 otherwise: that was a failure of the environment that passed and is left out with what followed"},
		},
		"a page in the place of a screen": {
			numbered(good, func(k *talk) { k.begins(http.StatusOK, downPage); k.post(rightly, http.StatusUnauthorized, goneJSON) }, good), whole,
			[]string{"journey 2, hop 1 was answered with a page and status 200, at journey 1, hop 1 otherwise: that was a failure of the environment that passed and is left out with what followed"},
		},
		"in the middle, first of all journeys": {
			numbered(on(http.StatusInternalServerError, downJSON), good, good), whole,
			[]string{"journey 1, hop 2 was answered with status 500, at journey 2, hop 2 otherwise: that was a failure of the environment that passed and is left out with what followed"},
		},
		"a sign-on that was lost": {
			numbered(good, good, on(http.StatusUnauthorized, goneJSON)), whole,
			[]string{"journey 3, hop 2 was answered with status 401 and code 1999, at journey 1, hop 2 otherwise: that was a failure of the environment that passed and is left out with what followed"},
		},
		"asked to wait, and sent once more": {
			numbered(again(http.StatusTooManyRequests, `{"code":"REQUEST_LIMITED"}`), good), whole,
			[]string{"journey 1, hop 2 was answered with status 429, at journey 2, hop 2 otherwise: that was a failure of the environment that passed and is left out"},
		},
		"one error of the environment over another of the flow": {
			numbered(on(http.StatusServiceUnavailable, downPage), on(http.StatusInternalServerError, downJSON), on(http.StatusServiceUnavailable, downPage)),
			[]string{"sign-on", "service-unavailable"},
			[]string{"journey 2, hop 2 was answered with status 500, at journey 1, hop 2 otherwise: that was a failure of the environment that passed and is left out with what followed"},
		},
		"what the flow always answers": {
			numbered(on(http.StatusInternalServerError, downJSON), on(http.StatusInternalServerError, downJSON)),
			[]string{"sign-on", "internal-server-error"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := learned(t, row.transcripts, learn.Options{Name: "demo"})
			assert.Equal(t, row.names, names(got.Flow))
			assert.Equal(t, row.passing, got.Passing)
			assert.Len(t, got.Failed, len(row.passing))
			assert.Empty(t, got.Unsure)
			assert.Zero(t, got.Ignored)
			written(t, got)
		})
	}
}

// A node that answers with a status of 500 names itself, and what was typed may be
// why: such an answer is the flow's.
func TestAnErrorOfANodeIsTheFlows(t *testing.T) {
	node := func(k *talk) {
		k.start("")
		k.post(`{"code":"2"}`, http.StatusInternalServerError, `{"id":"n1","capabilityName":"httpRequest","code":"upstream"}`)
	}
	good := func(k *talk) { k.start(""); k.post(`{"code":"1"}`, http.StatusOK, completed(k)) }
	got := learned(t, both(twice(good), twice(node)), learn.Options{Name: "demo"})
	assert.Empty(t, got.Passing)
	assert.Equal(t, []string{"sign-on", "completed", "upstream"}, names(got.Flow))
}

// What got no answer of the flow stays as it is recorded, whether the
// journeys join the recording or begin it anew.
func TestWhereNothingButFailuresCameTheRecordingStays(t *testing.T) {
	good := func(k *talk) { k.start(""); k.post(rightly, http.StatusOK, completed(k)) }
	there := learned(t, twice(good), learn.Options{Name: "demo"}).Flow
	down := func(k *talk) { k.start(""); k.post(rightly, http.StatusInternalServerError, downJSON) }
	for name, o := range map[string]learn.Options{"joining": {Previous: there}, "anew": {Name: "demo", Known: there}} {
		t.Run(name, func(t *testing.T) {
			o.Users, o.Meta = canaries, day
			_, err := learn.Learn(twice(down), o)
			var failed *learn.FailedError
			require.ErrorAs(t, err, &failed)
			require.EqualError(t, err, "the environment failed, and what is recorded already stays\n"+
				"  journey 1, hop 2 was answered with status 500, and in the recording with completed\n"+
				"  journey 2, hop 2 was answered with status 500, and in the recording with completed")
		})
	}
	got := learned(t, twice(good), learn.Options{Previous: learned(t, twice(down), learn.Options{Name: "demo"}).Flow})
	assert.Equal(t, "COMPLETED", gjson.GetBytes(got.Flow.Hops[1].Response.JSON.Text, "status").String(), "an answer of the flow takes the place of a failure")
}

// For each fault, and for many seeds with FLOWTEST_LARGE=1: what is learned of journeys that it applied to answers
// as the recording did before, or nothing is learned. A recording that is begun anew
// answers so wherever one of the journeys was whole.
func TestNoFaultSpoilsWhatWasRecorded(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing here runs at the same time as anything else")
	}
	seeds := 1
	if os.Getenv("FLOWTEST_LARGE") != "" {
		seeds = 20
	}
	for _, f := range shipped.Flows(t) {
		if !slices.Contains([]string{"sign-on", "errors"}, f.Name) {
			continue // each takes a while, and these have most ways to fail
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			want, _, all := filmed(t, f)
			all = slices.DeleteFunc(slices.Clone(all), func(p plan) bool { return p.detailed }) // half the time, and the same ways
			for _, spec := range []string{
				"500@0.2", "html@0.2", "expired@0.2", "500@0.1,html@0.1,expired@0.1", "drop@0.2", "half@0.2",
			} {
				for seed := range seeds {
					faults, err := mockserver.ParseFaults(spec)
					require.NoError(t, err)
					faults.Seed = uint64(seed) + 1
					transcripts, of := faulted(t, f, all, faults)
					at := fmt.Sprintf("%s, seed %d", spec, faults.Seed)
					for anew, o := range map[bool]learn.Options{false: {Previous: f}, true: {Name: f.Name, Known: f}} {
						o.Users, o.Meta = canaries, day
						got, err := learn.Learn(transcripts, o)
						if _, ok := errors.AsType[*learn.FailedError](err); ok {
							continue
						}
						require.NoError(t, err, at)
						replay := serve(t, got.Flow)
						for i, p := range all {
							if anew && !slices.ContainsFunc(of[i], func(n int) bool { return !slices.Contains(got.Cut, n) }) {
								continue
							}
							saw, _ := goes(t, replay, p)
							require.Equal(t, want[p.name+encoded(p.detailed)], saw, "%s, anew %t: %s", at, anew, p.name)
						}
					}
				}
			}
		})
	}
}

// faulted drives plans twice each, as far as the faults let them, and says which transcripts
// are of which plan. One that got no answer at all is none.
func faulted(t *testing.T, f *recordings.Flow, all []plan, faults mockserver.Faults) (transcripts []davinci.Exchanges, of [][]int) {
	t.Helper()
	live := sited(t, f, faults)
	of = make([][]int, len(all))
	for i, p := range all {
		for range 2 {
			saw, transcript := goes(t, live, p)
			if len(saw) == len(p.exchanges) {
				of[i] = append(of[i], len(transcripts))
			}
			if len(transcript) > 0 {
				transcripts = append(transcripts, transcript)
			}
		}
	}
	return transcripts, of
}

// goes drives a plan as far as it goes.
func goes(t *testing.T, s *site, p plan) ([]sight, davinci.Exchanges) {
	t.Helper()
	j, film := p.journey(t, s)
	_, err := j.Start(t.Context())
	var seen []sight
	for i := 1; err == nil; i++ {
		seen = append(seen, look(j.Last()))
		if i == len(p.exchanges) || j.Screen() == nil {
			break
		}
		err = walk.Answer(t.Context(), j, &p.exchanges[i])
	}
	return seen, film.exchanges
}
