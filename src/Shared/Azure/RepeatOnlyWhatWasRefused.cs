using Azure.Core;

namespace CustomerFunctions.Shared.Azure;

/// <summary>
/// For calls that make a credential. Without an answer nobody knows whether, or when, it is made, and a call that comes through late undoes what its repetition has made or leaves a second
/// one; so such a call is repeated at once only when it was refused (429), and otherwise by the caller, who looks first at what is there.
/// </summary>
internal sealed class RepeatOnlyWhatWasRefused : ResponseClassifier
{
    public static readonly RepeatOnlyWhatWasRefused Instance = new();

    public override bool IsRetriableResponse(HttpMessage message) => message.Response.Status == 429;

    public override bool IsRetriable(HttpMessage message, Exception exception) => false;

    public override bool IsErrorResponse(HttpMessage message) => message.Response.Status >= 400;
}
