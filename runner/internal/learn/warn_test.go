package learn_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/learn"
)

const mend = "give a user of the target attributes with the values that were typed there, so that right and wrong values can be distinguished"

// A person who signs on is no user of the target: right and wrong are both no values of
// hers. The warning says which exchanges the recording no longer distinguishes, and
// what was typed is in no sentence.
func TestWhatAnUnknownPersonTypedIsWarnedOf(t *testing.T) {
	right, wrong := `{"username":"zoe","password":"right-1"}`, `{"username":"zoe","password":"wrong-1"}`
	refusing := func(k *talk) { k.start(""); k.post(wrong, http.StatusBadRequest, refused) }
	signing := func(k *talk) { k.start(""); k.post(right, http.StatusOK, completed(k)) }
	accepted := func(where string) string {
		return "what was typed into password, username at " + where + " belongs to no known user and was accepted, and the recording " +
			"treats it as wrong: give a user of the target attributes with these values"
	}
	const post = "POST …/customHTMLTemplate)"
	for name, row := range map[string]struct {
		journeys []func(k *talk)
		want     []string
		hops     []string
	}{
		"refused first": {
			[]func(k *talk){refusing, signing},
			[]string{
				"journey 1, hop 2 (request 2, " + post + " was answered with wrong-password-and-username and journey 3, hop 2 (request 6, " + post +
					"; journey 4, hop 2 (request 8, " + post + " with completed, and the recording cannot tell them apart: the first is kept, " +
					"and the others are lost with all that followed: what was typed into password belongs to no known user: " + mend,
				accepted("journey 3, hop 2 (request 6, " + post + "; journey 4, hop 2 (request 8, " + post),
			},
			[]string{"sign-on", "wrong-password-and-username"},
		},
		"accepted first": {
			[]func(k *talk){signing, refusing},
			[]string{
				"journey 1, hop 2 (request 2, " + post + " was answered with completed and journey 3, hop 2 (request 6, " + post +
					"; journey 4, hop 2 (request 8, " + post + " with wrong-password-and-username, and the recording cannot tell them apart: " +
					"the first is kept, and the others are lost with all that followed: what was typed into password belongs to no known user: " + mend,
				accepted("journey 1, hop 2 (request 2, " + post + "; journey 2, hop 2 (request 4, " + post),
			},
			[]string{"sign-on", "completed"},
		},
		"both in one journey": {
			[]func(k *talk){func(k *talk) {
				k.start("")
				k.post(wrong, http.StatusBadRequest, refused)
				k.post(right, http.StatusOK, completed(k))
			}},
			[]string{
				"journey 1, hop 2 (request 2, " + post + " was answered with wrong-password-and-username and journey 1, hop 3 (request 3, " + post +
					" with completed, and only their order distinguishes them: what was typed into password belongs to no known user: " + mend,
				accepted("journey 1, hop 3 (request 3, " + post + "; journey 2, hop 3 (request 6, " + post),
			},
			[]string{"sign-on", "wrong-password-and-username", "completed"},
		},
		"only refused": {[]func(k *talk){refusing}, nil, []string{"sign-on", "wrong-password-and-username"}},
	} {
		t.Run(name, func(t *testing.T) {
			transcripts := twice(row.journeys[0])
			for _, journey := range row.journeys[1:] {
				transcripts = both(transcripts, twice(func(k *talk) { k.number += 10; journey(k) }))
			}
			got := learned(t, seen(transcripts), learn.Options{Name: "demo"})
			assert.Equal(t, row.want, got.Warnings)
			assert.Equal(t, row.hops, names(got.Flow))
			for _, line := range append(got.Warnings, got.Unsure...) {
				assert.NotRegexp(t, "zoe|right-1|wrong-1", line)
			}

			known := map[string]map[string]string{"zoe": {"username": "zoe", "password": "right-1"}}
			got = learned(t, seen(transcripts), learn.Options{Name: "demo", Users: known})
			assert.Empty(t, got.Warnings, "a user of the target")
		})
	}
}

// A service that answers one request in two ways is another matter: no person is missing.
func TestTwoAnswersToOneRequestAreNotTheUsersFault(t *testing.T) {
	journey := func(status int) func(k *talk) {
		return func(k *talk) {
			k.start("")
			k.post(`{"username":"carol.canary","password":"other"}`, status, `{"id":"`+http.StatusText(status)[:3]+`","capabilityName":"x"}`)
		}
	}
	got := learned(t, seen(both(twice(journey(http.StatusBadRequest)), twice(func(k *talk) { k.number += 10; journey(http.StatusForbidden)(k) }))),
		learn.Options{Name: "demo"})
	assert.Empty(t, got.Warnings)
	assert.Equal(t, []string{
		"journey 3, hop 2 (request 6, POST …/customHTMLTemplate); journey 4, hop 2 (request 8, POST …/customHTMLTemplate): " +
			"the same request was answered at journey 1, hop 2 (request 2, POST …/customHTMLTemplate) with wrong-password " +
			"and now with wrong-password: the first is kept",
	}, got.Unsure)
}

// What followed an answer that is lost was sent at a screen that the recording does
// not show: it is not recorded as if it had been sent at another.
func TestWhatFollowsALostAnswerIsLost(t *testing.T) {
	transcripts := both(
		twice(func(k *talk) {
			k.start("")
			k.post(`{"username":"zoe","password":"wrong-1"}`, http.StatusBadRequest, refused)
		}),
		twice(func(k *talk) {
			k.number += 10
			k.start("")
			k.post(`{"username":"zoe","password":"right-1"}`, http.StatusOK, k.screen("form2", "Second", ""))
			k.post(`{"code":"blue"}`, http.StatusOK, completed(k))
		}))
	got := learned(t, transcripts, learn.Options{Name: "demo"})
	assert.Equal(t, []string{"sign-on", "wrong-password-and-username"}, names(got.Flow))
	assert.NotEmpty(t, got.Warnings)
}

// A cookie that no client takes is warned of once, wherever the service sets it.
func TestAnOddCookieIsNamedOnce(t *testing.T) {
	transcripts := twice(func(k *talk) {
		k.start("")
		k.post(`{"username":"ann","password":"x"}`, http.StatusBadRequest, refused)
		for i := range k.exchanges {
			k.exchanges[i].ResponseHeader["Set-Cookie"] = []string{"flag; Path=/", `prefs={"a":[1,2]}; Path=/`}
		}
	})
	got := learned(t, transcripts, learn.Options{Name: "demo", Users: map[string]map[string]string{"ann": {"username": "ann", "password": "y"}}})
	assert.Equal(t, []string{
		"journey 1, hop 1; journey 2, hop 1; journey 1, hop 2; journey 2, hop 2: a Set-Cookie line is left out: " +
			"a cookie has no name, or one that no cookie has",
	}, got.Warnings)
	assert.Equal(t, "prefs", got.Flow.Hops[0].Response.Cookies[0].Name)
}
