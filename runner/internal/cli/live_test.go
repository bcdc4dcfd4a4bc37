package cli_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// A said is what a command said and how it ended.
type said struct {
	code        int
	out, errors string
}

// goesOn is what is said of a run in which nothing was printed for seconds. A busy machine
// makes any run that slow.
var goesOn = regexp.MustCompile(`(?m)^flowtest: (reading features and recordings|\d+ of \d+ done.*)\n`)

// command runs the program in a folder.
func command(ctx context.Context, dir string, env map[string]string, args ...string) said {
	var out, talk strings.Builder
	code := cli.Main(ctx, cli.Process{
		Args: args, Stdout: &out, Stderr: &talk, Dir: dir,
		Env: func(name string) (string, bool) {
			v, ok := env[name]
			return v, ok
		},
	})
	return said{code, out.String(), goesOn.ReplaceAllString(talk.String(), "")}
}

// write puts files into a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

// ofTests signs a handshake in a thirtieth of the time that the certificate of httptest takes.
var ofTests = sync.OnceValues(func() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
})

// startTLS starts a server. Its certificate is its own CA.
func startTLS(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	certificate, err := ofTests()
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// overTLS starts a server and writes a folder with a live target for it.
func overTLS(t *testing.T, h http.Handler, more string) (dir, base string) {
	t.Helper()
	s := startTLS(t, h)
	dir = t.TempDir()
	write(t, dir, map[string]string{
		"ca.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})),
		"flowtest.yaml": fmt.Sprintf("targets:\n  staging:\n    type: live\n    baseUrl: %s/as\n    clientId: the-app\n"+
			"    redirectUri: https://app.example.test/callback\n    ca: ca.pem\n    flows: {sign-on: policy}\n%s", s.URL, more),
	})
	return dir, s.URL
}
