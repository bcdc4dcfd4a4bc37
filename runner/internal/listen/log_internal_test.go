package listen

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// line returns what writes each line into a text.
func line(to *strings.Builder) func(string) {
	return func(text string) { to.WriteString(text + "\n") }
}

func TestWhatAServerLogsIsInPlainWords(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"http: TLS handshake error from 127.0.0.1:1: remote error: tls: bad certificate\n":                   "no TLS with the client at 127.0.0.1:1: bad certificate; it has to trust the CA that was printed at the start",
		"http: TLS handshake error from [::1]:1: remote error: tls: unknown certificate authority\n":         "no TLS with the client at [::1]:1: unknown certificate authority; it has to trust the CA that was printed at the start",
		"http: TLS handshake error from 127.0.0.1:1: EOF\n":                                                  "no TLS with the client at 127.0.0.1:1: EOF",
		"http: TLS handshake error from 127.0.0.1:1: client sent an HTTP request to an HTTPS server\n":       "no TLS with the client at 127.0.0.1:1: client sent an HTTP request to an HTTPS server; it has to ask by https",
		"http: panic serving 127.0.0.1:1: index out of range\ngoroutine 1 [running]:\nmain.main()\n":         "error: panic serving 127.0.0.1:1: index out of range",
		"http: Accept error: too many open files; retrying in 5ms\n":                                         "error: Accept error: too many open files; retrying in 5ms",
		"http: TLS handshake error from 127.0.0.1:1: tls: first record does not look like\x1b[31m a\x00 b\n": "no TLS with the client at 127.0.0.1:1: first record does not look like [31m a  b",
	} {
		var talk strings.Builder
		serverLog(line(&talk)).Print(entry)
		assert.Equal(t, ""+want+"\n", talk.String())
	}
}

func TestAClientThatTriesAgainAndAgainFillsNoScreen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var talk strings.Builder
		log := serverLog(line(&talk))
		for range 1000 {
			log.Print("http: TLS handshake error from 127.0.0.1:1: EOF")
		}
		assert.Equal(t, brokenAtOnce, strings.Count(talk.String(), "\n"))
		time.Sleep(brokenPause) // in no time
		talk.Reset()
		log.Print("http: TLS handshake error from 127.0.0.1:2: EOF")
		log.Print("http: TLS handshake error from 127.0.0.1:2: EOF")
		assert.Equal(t, "no TLS with the client at 127.0.0.1:2: EOF (997 more since the last such line)\n", talk.String())
	})
}

func TestWhatAReplayLogsIsALineOfTalk(t *testing.T) {
	t.Parallel()
	var talk strings.Builder
	log := Log(line(&talk))
	log.Debug("not said")
	log.Warn("miss", "flow", "sign-on", "message", "no hop\nleaves it")
	log.With("flow", "mfa").WithGroup("g").Info("unauthorized", "why", "no token", "at", "pin")
	log.Error("a token could not be signed", slog.Any("error", errors.New("no key")))
	assert.Equal(t, "miss: no hop leaves it (flow sign-on)\n"+
		"unauthorized: no token (flow mfa, at pin)\n"+
		"error: a token could not be signed: no key\n", talk.String())
}
