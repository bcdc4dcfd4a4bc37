@session
Feature: A live session
  A person who is signed on already sees no screen: the authorize request is answered
  with the end of the flow.

  Background:
    Given the flow "session"
    And the user "alice"

  @smoke
  Scenario: The flow completes at once
    When I start the flow
    Then the flow completes
    And the session cookies are set
    And the response status is 200
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: The short form of a completed response
    When I start the flow
    Then "status" is "COMPLETED"
    And "authorizeResponse.code" is a string
    And "session.id" is a string
    And "environment.id" is a string
    And "interactionId" is absent
    And "capabilityName" is absent
    And "_links" is absent

  Scenario: The state of the request comes back
    Given the authorize parameters:
      | name  | value                |
      | state | of-this-very-request |
    When I start the flow
    Then the flow completes
    And "authorizeResponse.state" is "of-this-very-request"

  Scenario: An application that asks for tokens gets them and no code
    Given the authorize parameters:
      | name          | value          |
      | response_type | token id_token |
    When I start the flow
    Then the flow completes
    And "authorizeResponse.access_token" is a string
    And "authorizeResponse.id_token" is a string
    And "authorizeResponse.token_type" is "Bearer"
    And "authorizeResponse.expires_in" is a number
    And "authorizeResponse.code" is absent
    And the response conforms
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: The same without JSON
    Given detailed responses
    And the authorize parameters:
      | name          | value          |
      | response_type | token id_token |
    When I start the flow
    Then the flow completes
    And the response conforms
