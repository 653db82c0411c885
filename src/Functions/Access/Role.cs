namespace CustomerFunctions.Access;

/// <summary>What a caller is to the platform or to one customer; <see cref="Permissions"/> says what each may do.</summary>
internal enum Role
{
    /// <summary>Platform staff: everything, and the only role that assigns platform roles.</summary>
    Admin,

    /// <summary>Platform staff: runs customers, but neither closes them nor assigns platform roles.</summary>
    Operator,

    /// <summary>Platform staff who sees the customers assigned to it, and no others.</summary>
    SalesRep,

    /// <summary>Member of one customer: everything there, owners included.</summary>
    CustomerOwner,

    /// <summary>Member of one customer: everything there but its owners.</summary>
    CustomerAdmin,

    /// <summary>Member of one customer: works with what it owns.</summary>
    CustomerMember,

    /// <summary>Member of one customer: reads.</summary>
    CustomerViewer,

    /// <summary>A customer's API key: that customer, as far as its scopes go.</summary>
    CustomerKey,

    /// <summary>A customer's service account: that customer, to read.</summary>
    ServiceAccount,

    /// <summary>Any signed-in person, for what is the person's own.</summary>
    Person,
}
