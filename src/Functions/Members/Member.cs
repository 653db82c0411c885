using System.Text.Json.Serialization;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Members;

/// <summary>What a person is to a customer; the greater first.</summary>
[JsonConverter(typeof(NamedEnumConverter<MemberRole>))]
public enum MemberRole
{
    [JsonStringEnumMemberName("owner")] Owner,
    [JsonStringEnumMemberName("admin")] Admin,
    [JsonStringEnumMemberName("member")] Member,
    [JsonStringEnumMemberName("viewer")] Viewer,
}

/// <summary>A person's place at a customer. It stands in the customer's document, so that one read decides every request and one ETag guards the last owner.</summary>
internal sealed record Member(string AccountId, MemberRole Role, DateTimeOffset AssignedAt, string AssignedBy);
