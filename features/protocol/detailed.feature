@protocol @detailed
Feature: Detailed responses
  What every hop carries when HTML was asked for.

  Background:
    Given the flow "sign-on"
    And detailed responses
    And the user "alice"
    When I start the flow

  @smoke
  Scenario: A screen carries its page, and no form
    Then "screen.properties.customHTML.value" is a string
    And "screen.properties.nodeTitle.value" is "Sign On Form"
    And "screen.properties.button.onClick.eventName" is "continue"
    And "form" is absent
    And "formData" is absent
    And "eventName" is absent

  Scenario: The link to the next hop is built from the node
    Then "_links.next" is absent
    And "_links.self.href" matches "/davinci/policy/[0-9a-f]{32}/start$"
    And "connectionId" matches "^[0-9a-f]{32}$"
    And "capabilityName" is "customHTMLTemplate"
    When I press "TROUBLE"
    Then the flow pauses at "Trouble Signing On Form"
    And "interactionId" is unchanged
    And "id" has changed

  Scenario: The fields that the page sends
    Then the response has:
      | path                                                                              | value                                   |
      | screen.properties.formFieldsList.value.#.propertyName                             | ["username", "password", "buttonValue"] |
      | screen.properties.formFieldsList.value.#(propertyName==password).hashedVisibility | true                                    |
      | screen.properties.formFieldsList.value.#(propertyName==username).hashedVisibility | false                                   |

  Scenario: The end is the same as with JSON
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the capability is "returnSuccessResponseRedirect"
    And "status" is "COMPLETED"
    And the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"
