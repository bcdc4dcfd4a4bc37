package davinci_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

// rows is the table as the page prints it: path, type, required, mutable.
const rows = `authorizeResponse Object N/A Read only
authorizeResponse.code String N/A Read only
companyId String N/A Read only
capabilityName String N/A Read only
connectionId String N/A Read only
environment Object N/A Read only
environment.id String N/A Read only
eventName String N/A Read only
flowId String N/A Read only
form Object Optional Mutable
form.name String Optional Mutable
form.description String Optional Mutable
form.category String Optional Mutable
form.components Object Optional Mutable
form.components.fields Object Optional Mutable
id String N/A Read only
interactionId String N/A Read only
interactionToken String N/A Read only
isResponseCompatibleWithMobileAndWebSdks Boolean N/A Read only
parameters Object Required Mutable
parameters.eventType String Required Mutable
parameters.data Object Required Mutable
parameters.data.actionKey String Required Mutable
parameters.data.formData Object Required Mutable
parameters.data.formData.{{attribute}} String Required Mutable
resetCookie Boolean N/A Read only
session Object N/A Read only
session.id String N/A Read only
status String N/A Read only
subFlowSettings Object N/A Read only
success Boolean N/A Read only`

func TestPropertiesAreThePagesRowsInItsOrder(t *testing.T) {
	var got []string
	for _, p := range davinci.Properties() {
		mutable := "Read only"
		if p.Mutable {
			mutable = "Mutable"
		}
		kind := strings.ToUpper(p.Kind.String()[:1]) + p.Kind.String()[1:]
		got = append(got, strings.Join([]string{p.Path, kind, p.Required.String(), mutable}, " "))
	}
	assert.Equal(t, strings.Split(rows, "\n"), got)
}

func TestPropertiesBelongToTheCaller(t *testing.T) {
	davinci.Properties()[0].Path = "changed"
	assert.Equal(t, "authorizeResponse", davinci.Properties()[0].Path)
}

func TestLookup(t *testing.T) {
	p, ok := davinci.Lookup("status")
	require.True(t, ok)
	assert.Contains(t, p.Doubt, "COMPLETED")

	p, ok = davinci.Lookup("form.components.fields")
	require.True(t, ok)
	assert.Contains(t, p.Doubt, "array")

	p, ok = davinci.Lookup("parameters.data.formData.user.username")
	require.True(t, ok)
	assert.True(t, p.Secret)

	_, ok = davinci.Lookup("nothing")
	assert.False(t, ok)
	_, ok = davinci.Lookup("parameters.data.formData.")
	assert.False(t, ok, "a key is needed")
}

func TestSecretPropertiesOfResponsesAreSecretPaths(t *testing.T) {
	for _, p := range davinci.Properties() {
		if p.Secret && !strings.HasPrefix(p.Path, "parameters") {
			assert.Contains(t, davinci.SecretPaths(), p.Path)
		}
	}
}

func TestLookupField(t *testing.T) {
	f, ok := davinci.LookupField("FLOW_LINK")
	require.True(t, ok)
	assert.Equal(t, davinci.FlowButton, f.Button)

	f, ok = davinci.LookupField("SIGNATURE_PAD")
	assert.False(t, ok)
	assert.Equal(t, "SIGNATURE_PAD", f.Name)
}

func TestKindsAreNamedAsSentencesWriteThem(t *testing.T) {
	for kind, want := range map[davinci.Kind]string{
		davinci.String: "string", davinci.Number: "number", davinci.Boolean: "boolean",
		davinci.Object: "object", davinci.Array: "array", 0: "unknown",
	} {
		assert.Equal(t, want, kind.String())
	}
}
