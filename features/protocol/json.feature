@protocol
Feature: JSON responses
  What every hop of a flow carries, whichever flow it is.

  Background:
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow

  @smoke
  Scenario: A screen carries what the next request needs
    Then "interactionId" is a string
    And "interactionToken" is a string
    And "id" matches "^[a-z0-9]{10}$"
    And "connectionId" matches "^[0-9a-f]{32}$"
    And "_links.next.href" matches "/davinci/connections/[0-9a-f]{32}/capabilities/customHTMLTemplate$"
    And "eventName" is "continue"
    And every field comes empty

  Scenario: A screen carries its form, and no page
    Then the response has:
      | path                     | value              |
      | capabilityName           | customHTMLTemplate |
      | form.name                | Sign On Form       |
      | form.category            | CUSTOM_HTML        |
      | form.components.fields.# | 5                  |
      | formData.value.username  | ""                 |
    And "form.components.fields" is an array
    And "screen" is absent

  Scenario: A screen may say success, and is not the end
    Then "success" is true
    And the flow pauses at "Sign On Form"
    And "status" is absent
    And "authorizeResponse" is absent

  Scenario: The interaction stays the same, the node does not
    When I press "TROUBLE"
    Then "interactionId" is unchanged
    And "companyId" is unchanged
    And "flowId" is unchanged
    And "id" has changed
    And "form.description" is "Offer ways back into the account"
    And the response matches the schema "../schemas/screen.json"
    When I press "CANCEL"
    Then "interactionId" is unchanged
    And "id" has changed

  Scenario: An error carries neither links nor a token
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | not-the-password |
    Then "_links" is absent
    And "interactionToken" is absent
    And "form" is absent
    And "httpResponseCode" is 400
    And "interactionId" is unchanged
    And "cause" is null
    And "code" is " Invalid username and/or password"

  Scenario: A completed flow carries a code and a session
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the response has:
      | path                                  | value                         |
      | capabilityName                        | returnSuccessResponseRedirect |
      | status                                | COMPLETED                     |
      | resetCookie                           | true                          |
      | sessionTokenMaxAge                    | 2592000                       |
      | subFlowSettings.loadingScreenSettings | "{}"                          |
    And "authorizeResponse.code" is a string
    And "authorizeResponse.access_token" is absent
    And "session.id" is a string
    And "form" is absent

  Scenario: A form of PingOne Forms has neither event nor flow
    When I press "REGISTER"
    Then the capability is "customForm"
    And "form.category" is "CUSTOM_FORM"
    And "connectorId" is "pingOneFormsConnector"
    And "eventName" is absent
    And "flowId" is absent
    And "fieldTypes" is an array
    And the form has the fields:
      | key                | type            | label                |
      | registration-intro | LABEL           | Tell us who you are. |
      |                    | ERROR_DISPLAY   |                      |
      | user.email         | TEXT            | Email                |
      | user.name.given    | TEXT            | Given Name           |
      | user.name.family   | TEXT            | Family Name          |
      | user.password      | PASSWORD_VERIFY | Password             |
      | submit             | SUBMIT_BUTTON   | Create Account       |
      | CANCEL             | FLOW_BUTTON     | Back to sign on      |
    And the field "user.email" is required
    And the field "user.name.given" is required
    And the field "user.name.family" is required
    And the field "user.password" is required
    And "form.description" is "Prompt for the attributes of a new user"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
