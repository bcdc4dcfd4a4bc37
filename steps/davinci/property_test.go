package davinci_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/davinci"
)

// rows is the table as the page prints it: path and type.
const rows = `authorizeResponse Object
authorizeResponse.code String
companyId String
capabilityName String
connectionId String
environment Object
environment.id String
eventName String
flowId String
form Object
form.name String
form.description String
form.category String
form.components Object
form.components.fields Object
id String
interactionId String
interactionToken String
isResponseCompatibleWithMobileAndWebSdks Boolean
parameters Object
parameters.eventType String
parameters.data Object
parameters.data.actionKey String
parameters.data.formData Object
parameters.data.formData.{{attribute}} String
resetCookie Boolean
session Object
session.id String
status String
subFlowSettings Object
success Boolean`

func TestPropertiesAreThePagesRowsInItsOrder(t *testing.T) {
	var got []string
	for _, p := range davinci.Properties() {
		got = append(got, p.Path+" "+strings.ToUpper(p.Kind[:1])+p.Kind[1:])
	}
	assert.Equal(t, strings.Split(rows, "\n"), got)
}

func TestPropertiesBelongToTheCaller(t *testing.T) {
	davinci.Properties()[0].Path = "changed"
	assert.Equal(t, "authorizeResponse", davinci.Properties()[0].Path)
}

func TestTokensCodesAndSessionsAreSecrets(t *testing.T) {
	for _, path := range []string{"authorizeResponse.code", "interactionToken", "session.id", "sessionToken", "dvResponse"} {
		name, rest, deep := strings.Cut(path, ".")
		body := `{"` + name + `":"a secret"}`
		if deep {
			body = `{"` + name + `":{"` + rest + `":"a secret"}}`
		}
		assert.Equal(t, []string{"a secret"}, davinci.Reader{}.Read(200, nil, []byte(body)).Secrets(), path)
	}
}
