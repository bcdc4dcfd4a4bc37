package learn_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// Whatever an exchange holds, learning ends with a recording that can be saved
// and holds no secret, or with an error.
func FuzzLearn(f *testing.F) {
	for _, flow := range flows(f) {
		for _, detailed := range []bool{false, true} {
			transcripts, _ := walk.Journeys(flow, walk.Options{Detailed: detailed, User: canaries["carol"]})
			seen := map[int]bool{} // a journey to each status: the seeds leave time for what is made of them
			for _, transcript := range transcripts {
				if last := transcript[len(transcript)-1]; len(transcript) > 1 && !seen[last.Status] {
					seen[last.Status] = true
					f.Add(transcript[0].Response, last.Body, last.Response, last.Status, last.URL.Path, "state", "ST=x; Path=/", 1)
				}
			}
		}
	}
	f.Add([]byte(`{"a":"{{user.password}} \u0000{x}\u0000 \u0001\u0001"}`), []byte("{}"), []byte("<p>{{x}}</p>"), 503, "/x", "", "=", 0)
	f.Fuzz(func(t *testing.T, screen, sent, answer []byte, status int, path, state, cookie string, more int) {
		var transcripts []davinci.Exchanges
		for n := range 2 {
			k := &talk{number: n + more%7}
			k.start("")
			k.exchanges[0].URL.RawQuery = url.Values{"response_mode": {"pi.flow"}, "state": {state}, "x": {path}}.Encode()
			if len(screen) > 0 {
				k.exchanges[0].Response = screen
			}
			k.post(`{"username":"carol.canary"}`, http.StatusBadRequest, refused)
			k.post("{}", status, string(answer))
			k.exchanges[2].Body = sent
			k.exchanges[2].URL.Path = path
			k.exchanges[2].ResponseHeader.Set("Set-Cookie", cookie)
			k.exchanges[2].ResponseHeader.Set("Location", path)
			transcripts = append(transcripts, k.exchanges)
		}
		got, err := learn.Learn(transcripts, learn.Options{Name: "demo", Users: canaries, Secrets: []string{"a client secret"}})
		if err != nil {
			return
		}
		if _, err := inMemory(got.Flow); err != nil {
			return // saving says so too, and leaves what is there
		}
		files, err := got.Flow.Files()
		require.NoError(t, err)
		for name, text := range files {
			for _, secret := range got.Secrets {
				if len(secret) >= 8 {
					assert.NotContains(t, string(text), secret, name)
				}
			}
		}
		again, err := learn.Learn(transcripts, learn.Options{Previous: got.Flow, Users: canaries, Secrets: []string{"a client secret"}})
		if refusal := (*learn.AmbiguousError)(nil); errors.As(err, &refusal) {
			return
		}
		require.NoError(t, err)
		assert.Empty(t, again.Added)
		assert.Empty(t, again.Removed)
	})
}
