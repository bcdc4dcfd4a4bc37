package cli_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/cli"
)

// The line that serve --tls prints to be tried works as it is: the certificate
// in its --cacert is all that has to be trusted, and without it nothing is answered.
func TestServeTLSPrintsACurlThatWorks(t *testing.T) {
	t.Parallel()
	s := serve(t, "--tls")
	line := strings.TrimSpace(s.out[len(s.out)-1])
	curl := regexp.MustCompile(`^curl --cacert (\S+) -H '([^:']+): ([^']+)' '(https://[^']+)'$`).FindStringSubmatch(line)
	require.NotNil(t, curl, "%s", line)
	ca, err := os.ReadFile(curl[1])
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca))

	get := func(trusted *x509.CertPool) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, curl[4], nil)
		require.NoError(t, err)
		r.Header.Set(curl[2], curl[3])
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
		}}
		return client.Do(r)
	}
	resp, err := get(pool)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.True(t, gjson.GetBytes(body, "form").Exists() || gjson.GetBytes(body, "status").Exists(), "%s", body)

	other, err := get(x509.NewCertPool())
	if err == nil {
		require.NoError(t, other.Body.Close())
	}
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown, "only the file lets it be trusted")

	assert.Equal(t, cli.ExitPassed, s.stop())
	assert.NoFileExists(t, curl[1])
}
