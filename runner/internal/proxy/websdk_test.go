package proxy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/runner/internal/har"
)

// sdkFolder holds the web SDK, as npm ci puts it there.
const sdkFolder = "../../../mockserver/testdata/sdk"

// TestWebSDK has the web SDK, as it was published, sign on through the proxy.
func TestWebSDK(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	for _, name := range []string{"davinci-client", "oidc-client"} {
		if _, err := os.Stat(filepath.Join(sdkFolder, "node_modules/@forgerock", name)); err != nil {
			t.Skip("mockserver/testdata/sdk: run npm ci there")
		}
	}
	s := before(t, shipped(t))
	at := "/" + mockserver.DefaultEnvironment
	plan, err := json.Marshal(map[string]string{
		"wellknown": s.front.URL + at + "/as/.well-known/openid-configuration",
		"policy":    "sign-on", "username": alice["username"], "password": alice["password"],
	})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, node, "testdata/signon.mjs", sdkFolder)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = bytes.NewReader(plan), &stdout, &stderr, 5*time.Second
	require.NoError(t, cmd.Run(), "%s", &stderr)
	said := gjson.Parse(stdout.String())
	require.Equal(t, "success", said.Get("status").String(), "%s%s", &stdout, &stderr)
	assert.Equal(t, []string{"continue", "error", "success"}, words(said.Get("seen")))
	assert.Equal(t, alice["username"], said.Get("user.preferred_username").String())

	got := har.Group(s.exchanges())
	require.Empty(t, got.Problems)
	require.Len(t, got.Takes, 1)
	require.Len(t, got.Takes[0], 3)
	for _, x := range s.exchanges() {
		assert.True(t, strings.HasPrefix(x.URL.String(), s.live.URL+at), x.URL)
		assert.NotContains(t, all(&x), strings.TrimPrefix(s.front.URL, "http://"))
	}
	verify(t, s, at, said.Get("tokens.idToken").String())
}

// verify accepts the ID token as a client in Go does that reaches the keys
// through the proxy: go-oidc has to be told that the issuer is another one.
func verify(t *testing.T, s *stage, at, token string) {
	t.Helper()
	ctx := oidc.ClientContext(t.Context(), s.front.Client())
	_, err := oidc.NewProvider(ctx, s.front.URL+at+"/as")
	require.ErrorContains(t, err, "issuer", "a client that demands the document under its issuer says so at once")
	ctx = oidc.InsecureIssuerURLContext(ctx, s.live.URL+at+"/as")
	provider, err := oidc.NewProvider(ctx, s.front.URL+at+"/as")
	require.NoError(t, err)
	_, err = provider.Verifier(&oidc.Config{ClientID: "app"}).Verify(ctx, token)
	require.NoError(t, err)
}

func words(list gjson.Result) []string {
	out := []string{}
	for _, w := range list.Array() {
		out = append(out, w.String())
	}
	return out
}
