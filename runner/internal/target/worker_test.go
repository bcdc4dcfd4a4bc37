package target_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

// withWorker is a flowtest.yaml with a live target that has a worker app.
func withWorker(address, worker string) string {
	return "targets:\n  staging:\n    type: live\n    " + address + "\n    clientId: the-app\n    worker: " + worker + "\n"
}

func TestWorker(t *testing.T) {
	t.Parallel()
	variables := map[string]string{"PINGONE_CLIENT_SECRET": "worker-secret-1"}
	const app = "clientId: w, clientSecret: \"${PINGONE_CLIENT_SECRET}\""
	for name, test := range map[string]struct{ address, worker, api, token string }{
		"in a region": {
			"region: EU\n    environmentId: " + environmentID, "{" + app + "}",
			"https://api.pingone.eu/v1", "https://auth.pingone.eu/" + environmentID + "/as/token",
		},
		"in another environment": {
			"region: AU\n    environmentId: " + environmentID, "{" + app + ", environmentId: " + otherID + "}",
			"https://api.pingone.com.au/v1", "https://auth.pingone.com.au/" + otherID + "/as/token",
		},
		"on a domain of its own": {
			"baseUrl: https://auth.example.com/as\n    environmentId: " + environmentID,
			"{" + app + ", apiUrl: \"https://api.pingone.eu/v1/\"}",
			"https://api.pingone.eu/v1", "https://auth.example.com/as/token",
		},
		"with URLs of its own": {
			"region: EU\n    environmentId: " + environmentID,
			"{" + app + ", apiUrl: \"http://127.0.0.1:1/v1\", tokenUrl: \"https://x.example/token\"}",
			"http://127.0.0.1:1/v1", "https://x.example/token",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := choose(t, withWorker(test.address, test.worker), "staging", variables)
			require.NoError(t, err)
			w := got.Live.Worker
			assert.Equal(t, []string{"w", test.api, test.token}, []string{w.ClientID, w.API, w.Token})
			assert.Equal(t, "worker-secret-1", w.ClientSecret.Reveal())
			assert.NotContains(t, fmt.Sprintf("%v %+v %s", got, *got.Live, *w), "worker-secret-1")
		})
	}
}

func TestWorkerMistakes(t *testing.T) {
	t.Parallel()
	const region = "region: EU\n    environmentId: " + environmentID
	const secret = "clientSecret: \"${S}\""
	for name, test := range map[string]struct{ address, worker, want string }{
		"no secret": {
			region, "{clientId: w}",
			"flowtest.yaml:7:5: targets.staging.worker has no clientSecret, want the id and the secret of a worker app",
		},
		"a secret written out": {
			region, "{clientId: w, clientSecret: abc}",
			"flowtest.yaml:7:41: targets.staging.worker.clientSecret is written out, want a reference: write it as ${NAME} and " +
				"set the variable, so that the secret is not in the file",
		},
		"plain text": {
			region, "{clientId: w, " + secret + ", apiUrl: \"http://api.example/v1\"}",
			"targets.staging.worker.apiUrl is not https, want https: only 127.0.0.1, localhost and [::1] may be reached without",
		},
		"an unknown key": {
			region, "{clientId: w, " + secret + ", apiUri: x}", "targets.staging.worker has the unknown key \"apiUri\"",
		},
		"no API": {
			"baseUrl: https://auth.example.com/as\n    environmentId: " + environmentID, "{clientId: w, " + secret + "}",
			"flowtest.yaml:7:5: targets.staging.worker has no apiUrl, want one: baseUrl of the target is on no domain of PingOne",
		},
		"no environment": {
			"baseUrl: https://auth.example.com/as", "{clientId: w, " + secret + ", apiUrl: \"https://a.example/v1\"}",
			"targets.staging has no environmentId, want it beside worker: baseUrl does not hold it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := load(withWorker(test.address, test.worker), map[string]string{"S": "worker-secret-1"})
			if err == nil {
				var got *target.Target
				got, err = f.Choose("staging")
				require.Nil(t, got)
			}
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
		})
	}
}
