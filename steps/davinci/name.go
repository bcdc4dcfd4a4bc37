package davinci

// The capabilities that the documentation or the wire names.
const (
	CustomHTMLTemplate            = "customHTMLTemplate"
	CustomHTMLMessage             = "customHtmlMessage"
	CustomForm                    = "customForm"
	ShowForm                      = "showForm"
	ReturnSuccessResponseRedirect = "returnSuccessResponseRedirect"
	CreateSuccessResponse         = "createSuccessResponse"
	CustomErrorMessage            = "customErrorMessage"
	SetSession                    = "setSession"
)

// SecretPaths returns the paths of response values that are secrets beside
// those of the property table: the wire has more than the table lists.
//
// Source: the table's rows marked Secret, and the completed response with
// token response types.
func SecretPaths() []string { return secretPaths }

var secretPaths = []string{
	"interactionToken",
	"authorizeResponse.code", "authorizeResponse.access_token", "authorizeResponse.id_token",
	"authorizeResponse.refresh_token",
	"session.id", "sessionToken", "access_token", "id_token", "refresh_token", "dvResponse",
}
