package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// screenAt is the first screen of a flow, whose next link is href.
func screenAt(href string) string {
	return fmt.Sprintf(`{"id":"node1","interactionId":"i1","interactionToken":"t1","companyId":"e1","connectionId":"c1",
		"capabilityName":"customHTMLTemplate","form":{"name":"Sign On Form","components":{"fields":[
		{"type":"TEXT","key":"username"},{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Sign On"}]}},
		"_links":{"next":{"href":%q}}}`, href)
}

// firstThen answers an authorize request with a screen, and the next request with next.
func firstThen(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(screenAt("https://" + r.Host + "/davinci/connections/c1/capabilities/customHTMLTemplate?secret=in-the-query")))
			return
		}
		next(w, r)
	}
}

const pressing = `Feature: Faults
  Scenario: Pressing a button
    Given the flow "sign-on"
    When I start the flow
    And I fill in "username" with "alice"
    And I press "SIGNON"
    Then the flow completes
`

const atTheNextLink = "POST /davinci/connections/c1/capabilities/customHTMLTemplate: "

func TestFaultsOfALiveEnvironment(t *testing.T) {
	t.Parallel()
	cutOff := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"id": "half`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	large := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"` + strings.Repeat("x", 5<<20) + `"}`))
	}
	never := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client left
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // an answer now could still arrive
	}
	screen := func(href string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(screenAt(href))) }
	}
	for name, row := range map[string]struct {
		server http.HandlerFunc
		args   []string
		code   int
		step   string // the step that failed
		want   string // a line of stdout
		result string // in the last line
	}{
		"a next link to a foreign host": {
			screen("https://evil.example.test/davinci/steal?token=secret-of-the-query"),
			nil,
			cli.ExitFailed,
			"When I start the flow",
			"next link https://evil.example.test/davinci/steal: the next link leads away from https://HOST, and credentials go nowhere else",
			"1 failed ·",
		},
		"a next link to the same host in plain text": {
			func(w http.ResponseWriter, r *http.Request) { screen("http://"+r.Host+"/davinci/steal?x")(w, r) },
			nil,
			cli.ExitFailed,
			"When I start the flow",
			"next link http://HOST/davinci/steal: the next link leads away from https://HOST, and credentials go nowhere else",
			"1 failed ·",
		},
		"a next link without a host": {
			screen("/davinci/steal?x"), nil, cli.ExitFailed, "When I start the flow",
			"next link /davinci/steal: the next link has no host, want an absolute URL", "1 failed ·",
		},
		"a first response of 5 MiB": {
			large, nil, cli.ExitFailed, "When I start the flow",
			"GET /as/authorize: the response has more than 1 MiB, which no DaVinci answer has", "1 failed ·",
		},
		"a later response of 5 MiB": {
			firstThen(large), nil, cli.ExitFailed, `And I press "SIGNON"`,
			atTheNextLink + "the response has more than 1 MiB, which no DaVinci answer has", "1 failed ·",
		},
		"a first response that is cut off": {
			cutOff, nil, cli.ExitEnvironment, "When I start the flow",
			"GET /as/authorize: the response was cut off after 12 bytes: unexpected EOF",
			"1 failed (1 of them for network, rate limit or tenant set-up) ·",
		},
		"a later response that is cut off": {
			firstThen(cutOff), nil, cli.ExitEnvironment, `And I press "SIGNON"`,
			atTheNextLink + "the response was cut off after 12 bytes: unexpected EOF",
			"1 failed (1 of them for network, rate limit or tenant set-up) ·",
		},
		"a server that hangs up": {
			firstThen(hangUp), nil, cli.ExitEnvironment, `And I press "SIGNON"`, atTheNextLink + "EOF",
			"1 failed (1 of them for network, rate limit or tenant set-up) ·",
		},
		"a server that never answers": {
			never,
			[]string{"--timeout", "250ms"},
			cli.ExitEnvironment, "When I start the flow",
			"GET /as/authorize: the scenario's time limit of 250ms is over",
			"1 failed (1 of them for network, rate limit or tenant set-up) ·",
		},
		"a server that answers no more": {
			firstThen(never),
			[]string{"--timeout", "3s"},
			cli.ExitEnvironment, `And I press "SIGNON"`,
			atTheNextLink + "the scenario's time limit of 3s is over",
			"1 failed (1 of them for network, rate limit or tenant set-up) ·",
		},
		"a redirect, which is not followed": {
			firstThen(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://evil.example.test/callback?code=secret-of-the-query&error=access_denied", http.StatusFound)
			}),
			nil, cli.ExitEnvironment, "Then the flow completes",
			`the flow failed with "302": redirected instead of answered, to evil.example.test/callback, error "access_denied": ` +
				`look at client id, response mode and the application's flow policy [tenant set-up], want it to complete (hop 2)`,
			"1 failed (1 of them for network, rate limit or tenant set-up) ·",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, base := overTLS(t, row.server, "")
			write(t, dir, map[string]string{"features/a.feature": pressing})
			host := strings.TrimPrefix(base, "https://")
			for _, format := range []string{"pretty", "progress"} {
				got := command(t.Context(), dir, nil, append([]string{"run", "--format", format}, row.args...)...)
				assert.Equal(t, row.code, got.code, format)
				lines := strings.Split(strings.ReplaceAll(got.out, host, "HOST"), "\n")
				for i := range lines {
					lines[i] = strings.TrimSpace(lines[i])
				}
				assert.Contains(t, lines, "✗ "+row.step, format)
				assert.Contains(t, lines, row.want, format)
				assert.Contains(t, got.out, row.result, format)
				assert.Contains(t, got.out, "repeat it: flowtest run --target staging ")
				assert.NotContains(t, got.out, "secret-of-the-query")
				assert.NotContains(t, got.out, "in-the-query")
				assert.Empty(t, got.errors, "the report says everything")
			}
		})
	}
}

// A requirement that is broken before the environment fails would be broken
// again, so that a second run is of no use; where it is known, it is.
func TestABrokenRequirementOutweighsAFailedEnvironment(t *testing.T) {
	t.Parallel()
	screen := func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			panic(http.ErrAbortHandler)
		}
		href := "https://" + r.Host + "/davinci/connections/c1/capabilities/customHTMLTemplate"
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(strings.Replace(screenAt(href), `"companyId":"e1",`, "", 1)))
	}
	dir, _ := overTLS(t, http.HandlerFunc(screen), "")
	write(t, dir, map[string]string{"features/a.feature": pressing})
	got := command(t.Context(), dir, nil, "run", "--write-known-failures")
	assert.Equal(t, cli.ExitFailed, got.code)
	assert.Contains(t, got.errors, "✗ Pressing a button  failed\n")
	assert.Contains(t, got.errors, "! hop 1 breaks MODEL-companyId-PRESENCE: ")
	_, entries, found := strings.Cut(got.out, "# known-failures.yaml\n")
	require.True(t, found)
	assert.Equal(t, 1, strings.Count(entries, "- journey:"), "what the environment did is no entry: %s", entries)

	write(t, dir, map[string]string{"known-failures.yaml": entries})
	got = command(t.Context(), dir, nil, "run")
	assert.Equal(t, cli.ExitEnvironment, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "✗ Pressing a button  failed, environment\n")
}

// One assertion that fails outweighs any number of failures of the environment.
func TestAFailedAssertionOutweighsAFailedEnvironment(t *testing.T) {
	t.Parallel()
	dir, _ := overTLS(t, firstThen(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "")
	write(t, dir, map[string]string{
		"features/a.feature": pressing,
		"features/b.feature": "Feature: B\n  Scenario: B\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then the flow completes\n",
		"features/c.feature": "Feature: C\n  Scenario: C\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then the form offers \"SIGNON\"\n",
	})
	got := command(t.Context(), dir, nil, "run")
	assert.Equal(t, cli.ExitFailed, got.code)
	assert.Contains(t, got.out, "3 scenarios: 1 passed, 2 failed (1 of them for network, rate limit or tenant set-up) · ")

	got = command(t.Context(), dir, nil, "run", "features/a.feature", "features/c.feature")
	assert.Equal(t, cli.ExitEnvironment, got.code, "where only the environment is at fault")
	assert.Contains(t, got.out, "repeat it: flowtest run --target staging features/a.feature:2")
}

func TestDiscoveryThatFails(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		server http.HandlerFunc
		want   string
	}{
		"a server without it": {
			http.NotFound, "flowtest: error: discovery of target \"staging\": 404 Not Found: 404 page not found\n",
		},
		"a server that hangs up": {
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			"flowtest: error: discovery of target \"staging\": EOF\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := overTLS(t, row.server, "    discovery: true\n")
			write(t, dir, map[string]string{"features/a.feature": pressing})
			got := command(t.Context(), dir, nil, "run")
			assert.Equal(t, cli.ExitEnvironment, got.code)
			assert.Equal(t, row.want, got.errors)
			assert.Empty(t, got.out)
		})
	}
}
