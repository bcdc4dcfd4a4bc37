package mockserver_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// fates returns the result of each hop of so many sign-ons with a wrong password.
func fates(tb testing.TB, r *replay, header bool, signOns int) []string {
	tb.Helper()
	out := make([]string, signOns)
	for i := range out {
		a := r.send(tb, http.MethodGet, authorize("sign-on"), sdk, "")
		out[i] = strconv.Itoa(a.status)
		if a.status != http.StatusOK {
			continue
		}
		s := &signOn{replay: r}
		s.keep(a)
		for range 3 {
			body := pressing("SIGNON", "submit", signing("ann", "wrong"))
			headers := s.headers()
			if !header { // a client whose interactionId is in only the body
				body = strings.Replace(body, "{", `{"interactionId":"`+s.id+`",`, 1)
				delete(headers, "interactionId")
			}
			out[i] += " " + strconv.Itoa(s.send(tb, http.MethodPost, s.link, headers, body).status)
		}
	}
	return out
}

func TestAServersSignOnsHaveTheSameFatesBySeed(t *testing.T) {
	t.Parallel()
	const signOns = 30
	first := fates(t, faultyOnSocket(t, faults(t, "500@0.3", 42)), true, signOns)
	assert.Equal(t, first, fates(t, faultyOnSocket(t, faults(t, "500@0.3", 42)), true, signOns))
	assert.Equal(t, first, fates(t, faultyOnSocket(t, faults(t, "500@0.3", 42)), false, signOns), "wherever the interactionId stands")
	assert.NotEqual(t, first, fates(t, faultyOnSocket(t, faults(t, "500@0.3", 43)), true, signOns))

	// Side by side the fates are the same, independent of who meets which.
	r := faultyOnSocket(t, faults(t, "500@0.3", 42))
	var together sync.Map
	var wait sync.WaitGroup
	for i := range signOns {
		wait.Go(func() { together.Store(i, fates(t, r, true, 1)[0]) })
	}
	wait.Wait()
	var got []string
	together.Range(func(_, fate any) bool {
		text, ok := fate.(string)
		got = append(got, text)
		return ok
	})
	assert.ElementsMatch(t, first, got)
}
