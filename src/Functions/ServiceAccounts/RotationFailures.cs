using System.Globalization;
using Azure;
using CustomerFunctions.Migrations;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>A new credential did not open what it is for.</summary>
internal sealed class CredentialRefusedException : Exception;

/// <summary>What went wrong, in words for people.</summary>
internal static class RotationFailures
{
    /// <summary>Without anything that a service put into its message.</summary>
    public static string ReasonFor(Exception exception) =>
        // An SDK that has tried several times hands over what came of each; who was asked stands where it was thrown.
        exception is AggregateException { InnerExceptions: [.., var last] } ? ReasonFor(last, WhoWasAsked(exception)) : ReasonFor(exception, WhoWasAsked(exception));

    private static string ReasonFor(Exception exception, string? asked) => exception switch
    {
        CredentialRefusedException => "The new credential was refused when it was tried.",
        CannotIssueException e => e.Message,
        MigrationNotReadyException e => e.Message,
        OperationFailedException or StillRenewingException or ClockSkewException => exception.Message,
        GraphFailedException { Status: 403 } => "Microsoft Graph answered 403: this app's identity needs the permission Application.ReadWrite.OwnedBy and to be an owner of the application.",
        RequestFailedException { Status: > 0 } e => string.Create(CultureInfo.InvariantCulture, $"{NameOf(e)} answered {e.Status}{(e.ErrorCode is null ? "" : " " + e.ErrorCode)}."),
        RequestFailedException e => $"{asked ?? NameOf(e)} did not answer.",
        CosmosException e => string.Create(CultureInfo.InvariantCulture, $"Cosmos DB answered {(int)e.StatusCode}."),
        HttpRequestException { StatusCode: { } status } => string.Create(CultureInfo.InvariantCulture, $"The resource answered {(int)status} when the credential was tried."),
        HttpRequestException when asked is not null => $"{asked} did not answer.",
        HttpRequestException => "The resource did not answer when the credential was tried.",
        OperationCanceledException => "There was no answer in time.",
        _ => $"{exception.GetType().Name}.",
    };

    private static string NameOf(RequestFailedException exception) => exception is GraphFailedException ? "Microsoft Graph" : IsFromKeyVault(exception) ? "Key Vault" : "Azure Resource Manager";

    /// <summary>A connection that breaks says nothing of who was at its other end; the calls that led there do.</summary>
    private static string? WhoWasAsked(Exception exception)
    {
        return Called("Azure.Security.KeyVault") ? "Key Vault"
            : Called("Microsoft.Azure.Cosmos") ? "Cosmos DB"
            : Called(nameof(GraphClient)) ? "Microsoft Graph"
            : Called(nameof(KeyedResource)) ? "Azure Resource Manager" : null;

        bool Called(string part) => exception.StackTrace?.Contains(part, StringComparison.Ordinal) == true;
    }

    public static bool IsFromKeyVault(RequestFailedException exception) => exception.Source?.Contains("KeyVault", StringComparison.Ordinal) == true;
}
