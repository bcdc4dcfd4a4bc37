package target_test

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

func TestCA(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	certificate := server.Certificate()
	server.Close()
	pemFile := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
	absolute := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(absolute, pemFile, 0o600))

	const line = "    ca: "
	tests := map[string]struct {
		text string
		env  string
		want []string
	}{
		"beside the file":                   {text: line + "ca.pem\n"},
		"in a folder beside it":             {text: line + "./certs/ca.pem\n"},
		"above it, inside the file system":  {text: line + "../ca.pem\n"},
		"anywhere, named absolutely":        {text: line + absolute + "\n"},
		"by the variable":                   {env: "certs/ca.pem"},
		"by the variable, absolutely":       {env: absolute},
		"by the variable, over a wrong one": {text: line + "none.pem\n", env: "ca.pem"},
		"a file that does not exist": {
			text: line + "none.pem\n",
			want: []string{`suite/flowtest.yaml:6:9: targets.staging.ca "none.pem" cannot be read: ` +
				`file does not exist, want a PEM file`},
		},
		"a file that does not exist, named absolutely": {
			text: line + absolute + ".none\n",
			want: []string{`suite/flowtest.yaml:6:9: targets.staging.ca "` + absolute + `.none" cannot be read: ` +
				`no such file or directory, want a PEM file`},
		},
		"a file that holds something else": {
			text: line + "flowtest.yaml\n",
			want: []string{`suite/flowtest.yaml:6:9: targets.staging.ca "flowtest.yaml" holds no certificate, ` +
				`want a PEM file of CAs`},
		},
		"a file above the file system": {
			text: line + "../../ca.pem\n",
			want: []string{`suite/flowtest.yaml:6:9: targets.staging.ca "../../ca.pem" cannot be read: it is ` +
				`above the folder that was opened, want a PEM file below it or an absolute path`},
		},
		"a file that does not exist, by the variable": {
			text: line + "ca.pem\n", env: "hunter2",
			want: []string{`FLOWTEST_CA cannot be read: file does not exist, want a PEM file`},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			text := live + tc.text
			fsys := fstest.MapFS{
				"ca.pem":              {Data: pemFile},
				"suite/ca.pem":        {Data: pemFile},
				"suite/certs/ca.pem":  {Data: pemFile},
				"suite/flowtest.yaml": {Data: []byte(text)},
			}
			f, err := target.Load(fsys, "suite/flowtest.yaml", environment(map[string]string{
				"FLOWTEST_REGION": "EU", "FLOWTEST_CA": tc.env,
			}))
			require.NoError(t, err)
			got, err := f.Choose("")
			assert.Equal(t, tc.want, mistakes(t, err))
			if tc.want == nil {
				require.NotNil(t, got)
				require.NotNil(t, got.Live.CA)
				//nolint:staticcheck // deprecated for the system's pool, which this is not
				assert.Len(t, got.Live.CA.Subjects(), 1)
			}
		})
	}
}
