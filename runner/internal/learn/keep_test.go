package learn_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/steps/davinci"
)

// seen gives every exchange a number by which a person finds it.
func seen(transcripts []davinci.Exchanges) []davinci.Exchanges {
	n := 0
	for _, transcript := range transcripts {
		for i := range transcript {
			n++
			transcript[i].Seen = "request " + encoded(n)
		}
	}
	return transcripts
}

// One answer that may hold a secret does not take the others with it: its journeys
// end before it, and it is said which exchanges these are.
func TestKeepLeavesOutWhatMayBeSecret(t *testing.T) {
	good := func(k *talk) { k.start(""); k.post(rightly, http.StatusOK, completed(k)) }
	bad := func(k *talk) {
		k.start("")
		k.post(`{"username":"carol.canary","password":"other"}`, http.StatusBadRequest,
			`{"id":"check","capabilityName":"checkPassword","code":"refused","trace":{"key":"`+apiKey+`"}}`)
		k.post(rightly, http.StatusOK, completed(k))
	}
	transcripts := seen(both(twice(good), twice(bad)))
	_, err := learn.Learn(transcripts, learn.Options{Name: "demo", Users: canaries})
	var refusal *learn.SecretError
	require.ErrorAs(t, err, &refusal)
	require.Len(t, refusal.Candidates, 1)
	assert.Equal(t, []string{
		"journey 3, hop 2 (request 6, POST …/customHTMLTemplate)", "journey 4, hop 2 (request 9, POST …/customHTMLTemplate)",
	}, refusal.Candidates[0].From)

	got := learned(t, transcripts, learn.Options{Name: "demo", Keep: true})
	assert.Equal(t, []string{
		"journey 3, hop 2 (request 6, POST …/customHTMLTemplate) and what followed: wrong-password.json: trace.key: a string of high entropy of 24 characters",
		"journey 4, hop 2 (request 9, POST …/customHTMLTemplate) and what followed: wrong-password.json: trace.key: a string of high entropy of 24 characters",
	}, got.LeftOut)
	assert.Equal(t, []string{"sign-on", "completed"}, names(got.Flow))
	files, err := got.Flow.Files()
	require.NoError(t, err)
	for name, text := range files {
		assert.NotContains(t, string(text), apiKey, name)
	}
	written(t, got)

	assert.Empty(t, learned(t, transcripts[:2], learn.Options{Name: "demo", Keep: true}).LeftOut, "nothing is left out where nothing is refused")
}

// What was found out to be secret in a journey that is left out stays one: another
// journey that shows it is not recorded with it.
func TestKeepStillKnowsTheSecretsOfWhatItLeftOut(t *testing.T) {
	const typed = "Xy-typed-nowhere-else-1"
	good := func(k *talk) { k.start(`"echo":"you typed ` + typed + `"`) }
	bad := func(k *talk) {
		k.start(`"echo":"you typed ` + typed + `"`)
		k.post(`{"username":"carol.canary","password":"`+typed+`"}`, http.StatusBadRequest,
			`{"id":"check","capabilityName":"checkPassword","code":"refused","key":"`+apiKey+`"}`)
	}
	got := learned(t, both(twice(good), twice(bad)), learn.Options{Name: "demo", Keep: true})
	assert.Len(t, got.LeftOut, 2)
	files, err := got.Flow.Files()
	require.NoError(t, err)
	for name, text := range files {
		assert.NotContains(t, string(text), typed, name)
	}
}

// Where every journey comes by what may be a secret, there is nothing to keep.
func TestKeepRefusesWhereNothingIsLeft(t *testing.T) {
	_, err := learn.Learn(twice(func(k *talk) { k.start(`"key":"` + apiKey + `"`) }), learn.Options{Name: "demo", Keep: true})
	var refusal *learn.SecretError
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, "key", refusal.Candidates[0].Path)
}

func names(f *recordings.Flow) []string {
	var out []string
	for _, h := range f.Hops {
		out = append(out, h.Name)
	}
	return out
}
